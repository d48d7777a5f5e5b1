"""
The settings of an enterprise's office, from one TOML file.

No person's key is in it: persons sign elsewhere, each with an own keystore. What is here certifies
devices, pays for transactions, and says whom to ask.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from api.errors import ConfigurationError
from api.settings_files import AnchoredPath, Section, load_settings_file
from attestation.errors import Error
from attestation.ids import parse_origin
from chain.addresses import parse_address


class AuthoritySettings(Section):
    """The enterprise's device authority (设备认证机构), needed to enrol keys."""

    certificate_file: AnchoredPath = Field(description="Its certificate (the sub-CA), PEM.")
    root_file: AnchoredPath = Field(description="The platform root that issued it, PEM.")
    key_file: AnchoredPath = Field(description="Its key, PEM, mode 600.")
    password_file: AnchoredPath | None = Field(
        default=None, description="File with the key's password; without it a terminal is asked."
    )
    device_days: int = Field(
        default=1826,
        ge=1,
        le=7305,
        description="How long a certificate of a device or gateway is valid.",
    )


class PeopleSettings(Section):
    """Who signs for the enterprise, unless a command says otherwise."""

    initiator: str = Field(description="Address of the initiating representative (发起代表).")
    approver: str = Field(description="Address of the approving representative (确认代表).")

    @field_validator("initiator", "approver")
    @classmethod
    def _address(cls, text: str) -> str:
        try:
            parse_address(text)
        except Error as error:
            raise ValueError(error.message) from error
        return text

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.initiator.lower() == self.approver.lower():
            raise ValueError("initiator and approver are two persons")
        return self


class SenderSettings(Section):
    """Who pays for transactions; any account may, it holds no right."""

    keystore_file: AnchoredPath = Field(description="Keystore v3 file of the account.")
    password_file: AnchoredPath | None = Field(
        default=None, description="File with its password; without it a terminal is asked."
    )


class MachineSettings(Section):
    """The key by which the office's machine comes in at the ledger, in place of a session."""

    key_file: AnchoredPath = Field(description="Its key, PEM, mode 600; registered there.")
    password_file: AnchoredPath | None = Field(
        default=None, description="File with its password, where it has one."
    )


class OfficeSettings(Section):
    """Everything of one office."""

    origin: str | None = Field(
        default=None,
        description="The enterprise's log, `<host>/log/<credit code>`. An office of a verifier or "
        "an authority has none: it works on the logs of others.",
    )
    party: str | None = Field(
        default=None,
        description="Code of the party this office is of; that of `origin` if absent.",
    )
    ledger_url: str = Field(description="The ledger's address, `https://…`, without a path.")
    ledger_ca_file: AnchoredPath | None = Field(
        default=None, description="Certificates its own chains to; the system's if absent."
    )
    rpc_url: SecretStr = Field(description="JSON-RPC address of the enterprise's own node.")
    trust_root_file: AnchoredPath = Field(
        description="Trust root: names the log's key, the chain, its finality and the contracts."
    )
    people: PeopleSettings | None = None
    authority: AuthoritySettings | None = None
    sender: SenderSettings | None = None
    machine: MachineSettings | None = None

    @field_validator("origin")
    @classmethod
    def _origin(cls, text: str | None) -> str | None:
        if text is None:
            return None
        try:
            return str(parse_origin(text))
        except Error as error:
            raise ValueError(error.message) from error

    @property
    def code(self) -> str:
        """
        Code of the party this office is of.

        Raises:
            ConfigurationError: If the settings name neither log nor party.
        """
        if self.party is not None:
            return self.party
        if self.origin is None:
            raise ConfigurationError("the office's settings name no party and no log")
        return parse_origin(self.origin).usc


def load_office_settings(path: Path) -> OfficeSettings:
    """
    Read an office's settings file.

    Raises:
        ConfigurationError: If a value is missing, unknown or wrong; names each.
    """
    return load_settings_file(OfficeSettings, path)
