"""
The settings of one gateway, from one TOML file.

Passwords and PINs are never in it: they are in files it names, or asked for at a terminal.
`deploy/gateway/gateway.toml` is a sample; `docs/configuration.md` lists every setting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from api.gateway.meter_settings import MeterSettings, Name
from api.settings_files import AnchoredPath, Section, load_settings_file
from attestation.errors import Error
from attestation.ids import parse_gateway_id, parse_origin
from attestation.notes import NoteVerifier, parse_vkey

GIBIBYTE = 1 << 30


class PlaceSettings(Section):
    """The gateway itself."""

    name: str = Field(description="Gateway id: the CN of its TLS certificate.")
    store: AnchoredPath = Field(
        description="Its database: signer state and outbox. On a disk that keeps what was synced."
    )
    interval_s: float = Field(
        default=1.0, gt=0, le=60, description="Pause between two rounds of reading and sending."
    )

    @field_validator("name")
    @classmethod
    def _id(cls, name: str) -> str:
        return _checked(parse_gateway_id, name)


class WrittenLogSettings(Section):
    """The log it writes to."""

    origin: str = Field(description="The log, `<host>/log/<credit code>`.")
    vkey: str = Field(
        description="The log's key, from the trust root; answers under another key do not count."
    )
    promise_s: int | None = Field(
        default=None,
        ge=1,
        le=86_400,
        description="How far ahead the log promises integration (its `log.promise_s`); with it "
        "the clocks are compared.",
    )

    @field_validator("origin")
    @classmethod
    def _origin(cls, text: str) -> str:
        return _checked(lambda given: str(parse_origin(given)), text)

    @field_validator("vkey")
    @classmethod
    def _vkey(cls, text: str) -> str:
        return _checked(lambda given: parse_vkey(given).vkey, text)

    @model_validator(mode="after")
    def _key_of_the_log(self) -> Self:
        if self.verifier.name != self.origin:
            raise ValueError(f"the key is of {self.verifier.name}, not of {self.origin}")
        return self

    @property
    def verifier(self) -> NoteVerifier:
        """The pinned key."""
        return parse_vkey(self.vkey)


class BrokerSettings(Section):
    """The broker, and the certificate the gateway shows there."""

    host: str = Field(description="Broker's host name, as its certificate has it.")
    port: int = Field(default=8883, ge=1, le=65_535, description="Broker's TLS port.")
    ca_file: AnchoredPath = Field(
        description="Certificates that the broker's own certificate chains to, PEM."
    )
    cert_file: AnchoredPath = Field(
        description="The gateway's TLS certificate, followed by its enterprise's sub-CA, PEM."
    )
    key_file: AnchoredPath = Field(description="The key of that certificate, PEM.")
    key_password_file: AnchoredPath | None = Field(
        default=None, description="File with that key's password, if it has one."
    )
    protocol: Literal["auto", "5", "3.1.1"] = Field(
        default="auto", description="MQTT version; `auto` speaks 5, and 3.1.1 where it must."
    )
    window: int = Field(
        default=200, ge=1, le=10_000, description="Messages that may wait for the broker's answer."
    )


class LedgerSettings(Section):
    """The ledger's own address: the courier where there is no `[broker]`."""

    url: str = Field(description="`https://…`, without a path.")
    ca_file: AnchoredPath | None = Field(
        default=None, description="Certificates its own chains to; the system's if absent."
    )
    poll_s: int = Field(
        default=10, ge=1, le=3600, description="How often it is asked for its answers."
    )


class OutboxSettings(Section):
    """How much is kept, how long, and how fast the backlog goes."""

    retention_days: int = Field(
        default=30, ge=0, le=3660, description="How long messages stay after they are final."
    )
    max_bytes: int = Field(
        default=GIBIBYTE,
        ge=1 << 20,
        description="Size at which measuring stops; about two million messages in a GiB.",
    )
    backlog_per_s: int = Field(
        default=50, ge=1, le=10_000, description="Back-fill and repeated messages sent a second."
    )


class TokenSettings(Section):
    """A key pair in a PKCS#11 token."""

    library: AnchoredPath = Field(description="The token's PKCS#11 library.")
    label: str = Field(description="The token's label.")
    key: str = Field(description="Label of the key pair in the token.")
    pin_file: AnchoredPath | None = Field(
        default=None, description="File with the user PIN; without it a terminal is asked."
    )


class KeySettings(Section):
    """A key that signs messages."""

    name: Name = Field(description="Names the key here; 1 to 40 of `[a-z0-9-]`.")
    signer: Literal["device", "gateway"] = Field(
        default="gateway",
        description="Who signs by it, as enrolled: the measuring device itself, or a gateway for "
        "meters that cannot.",
    )
    file: AnchoredPath | None = Field(default=None, description="Key file, PEM, mode 600.")
    password_file: AnchoredPath | None = Field(
        default=None, description="File with its password; without it a terminal is asked."
    )
    token: TokenSettings | None = Field(
        default=None, description="The key pair in a token, in place of a file."
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.file is None) == (self.token is None):
            raise ValueError("a key is either in a file or in a token")
        if self.token is not None and self.password_file is not None:
            raise ValueError("a token has a pin_file, not a password_file")
        return self


class GatewaySettings(Section):
    """Everything of one gateway."""

    gateway: PlaceSettings
    log: WrittenLogSettings
    broker: BrokerSettings | None = None
    ledger: LedgerSettings | None = Field(default=None)
    outbox: OutboxSettings = OutboxSettings()
    key: tuple[KeySettings, ...] = Field(min_length=1)
    meter: tuple[MeterSettings, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.broker is None and self.ledger is None:
            raise ValueError("there is no [broker] and no [ledger]: messages could not leave")
        _require_distinct("key", [each.name for each in self.key])
        _require_distinct("meter", [each.name for each in self.meter])
        signers = {each.name: each.signer for each in self.key}
        for meter in self.meter:
            if meter.key not in signers:
                raise ValueError(f"meter {meter.name} names no key of this file: {meter.key}")
            if meter.kind != "simulated" and signers[meter.key] != "gateway":
                raise ValueError(
                    f"meter {meter.name} cannot sign: its key {meter.key} signs for a gateway"
                )
        return self

    def key_named(self, name: str) -> KeySettings | None:
        """Give the settings of a key, or None."""
        return next((each for each in self.key if each.name == name), None)


def load_gateway_settings(path: Path) -> GatewaySettings:
    """
    Read a gateway's settings file.

    Raises:
        ConfigurationError: If a value is missing, unknown or wrong; names each.
    """
    return load_settings_file(GatewaySettings, path)


def _checked(check: Callable[[str], str], text: str) -> str:
    try:
        return check(text)
    except Error as error:
        raise ValueError(error.message) from error


def _require_distinct(what: str, names: list[str]) -> None:
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ValueError(f"two {what}s have the name {', '.join(twice)}")
