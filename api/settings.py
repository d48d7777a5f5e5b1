"""
Settings: the one place that reads the environment.

A value comes from `CARBONSEAL_…` (nested with `__`), else from the TOML file named by
`CARBONSEAL_CONFIG`. Nothing that differs by place has a default; what is a choice of design has
one, with its reason in the description. Secrets are named by files and never printed.
"""

from __future__ import annotations

import os
import tomllib
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from api.errors import ConfigurationError

CONFIG_VARIABLE = "CARBONSEAL_CONFIG"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DatabaseSettings(_Section):
    """Where entries are kept."""

    url: SecretStr = Field(description="SQLAlchemy address: sqlite:///FILE or postgresql://…")


class LogSettings(_Section):
    """The logs this operator keeps."""

    host: str = Field(description="Host part of every origin, `<host>/log/<usc>`, without scheme.")
    keys: Path = Field(
        description="Folder of the logs' signing keys, `<usc>.pem`, of a successor "
        "`<usc>-<n>.pem`, mode 0600."
    )
    operator: str | None = Field(
        default=None,
        pattern="^[0-9A-Z]{18}$",
        description="The operator's own credit code: its log holds the ledger of actions. Absent: "
        "actions are kept in the database only, and nothing proves them.",
    )
    key_password_file: Path | None = Field(
        default=None, description="File with the password of the signing keys, if they have one."
    )
    platform_roots: Path = Field(
        description="PEM file of the platform's root certificates; enterprise CAs chain to them."
    )
    promise_s: int = Field(
        default=60,
        ge=1,
        le=86_400,
        description="A promise says: integrated within so many seconds. 60 outlasts a restart.",
    )
    batch_entries: int = Field(
        default=4096,
        ge=1,
        le=65_536,
        description="Entries integrated at once; more adds latency, not throughput.",
    )
    anchor_s: int = Field(
        default=60,
        ge=1,
        le=86_400,
        description="A log that changed is anchored at most this often.",
    )
    quota_per_s: int = Field(
        default=200,
        ge=1,
        le=100_000,
        description="Messages a second of one gateway, or by HTTP into one log; what is over it "
        "is sent again. A thousand meters with a message a minute need 17, and a gateway sends a "
        "backlog at 50.",
    )
    quota_burst: int = Field(
        default=2_000,
        ge=1,
        le=1_000_000,
        description="Messages of it that may come at once: decided within seconds, which is what "
        "others wait for them.",
    )


class ChainSettings(_Section):
    """The chain that holds the checkpoints."""

    rpc_url: SecretStr = Field(description="JSON-RPC address of the operator's own node.")
    chain_id: int = Field(ge=1, description="EIP-155 id; a node with another one is refused.")
    deployments: Path = Field(description="File of contract addresses by chain id.")
    operator_keystore: Path = Field(description="Keystore v3 file of the operator's chain key.")
    operator_password_file: Path = Field(description="File with the keystore's password.")
    relay_keystore: Path | None = Field(
        default=None,
        description="Keystore v3 file of the account that pays for acts handed in by HTTP. It is "
        "another than the operator's, holds no right, and needs funds only. Absent: no acts are "
        "relayed.",
    )
    relay_password_file: Path | None = Field(
        default=None, description="File with the relay keystore's password."
    )
    finality: str = Field(
        default="instant",
        pattern=r"^(instant|depth:[1-9]\d{0,3}|tag:finalized)$",
        description="When a block counts: `instant` (QBFT, IBFT), `depth:k` (Clique) or "
        "`tag:finalized`.",
    )
    profile: Literal["node", "clique", "qbft"] = Field(
        default="node",
        description="What shows offline who sealed a block; `node` asks the verifier's own node.",
    )
    development: bool = Field(
        default=False,
        description="True only for a throw-away chain: an anchor lost with it is sent again "
        "instead of stopping the operator.",
    )


class MqttSettings(_Section):
    """The broker, as the ledger's ear sees it."""

    host: str = Field(description="Broker's host name, as its certificate has it.")
    port: int = Field(ge=1, le=65_535, description="Broker's TLS port.")
    ca_file: Path = Field(description="Certificates the broker's own certificate chains to.")
    cert_file: Path = Field(description="The ledger's client certificate.")
    key_file: Path = Field(description="The key of that certificate.")
    slot: str = Field(
        pattern=r"^CN=[a-z0-9-]{1,40},O=[0-9A-Z]{18}$",
        description="Subject of the ledger's certificate, `CN=<slot>,O=<usc>`; a slot that is "
        "started again under its own name finds its session.",
    )
    batch: int = Field(
        default=500,
        ge=1,
        le=10_000,
        description="Messages committed at once; the broker sends at most twice as many ahead.",
    )
    protocol: Literal["5", "3.1.1"] = Field(
        default="5", description="3.1.1 only for a broker that speaks nothing newer."
    )


class WebSettings(_Section):
    """The HTTP server."""

    host: str = Field(default="127.0.0.1", description="Address to listen on; loopback by default.")
    port: int = Field(default=8080, ge=0, le=65_535, description="Port; 0 takes a free one.")
    access_file: Path | None = Field(
        default=None, description="Grants to read entries; absent: nobody may read them."
    )
    socket_file: Path | None = Field(
        default=None,
        description="UNIX socket to listen on beside the port, for a proxy that ends mutual TLS; "
        "the header `Client-Cert` counts there and nowhere else.",
    )
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(),
        description="Networks of reverse proxies whose `X-Forwarded-For` says who calls; anybody "
        "else's is not read. Behind a proxy that is not named, all callers count as one.",
    )
    caller_per_s: int = Field(
        default=100,
        ge=1,
        le=100_000,
        description="Requests a second of one grant, or without a token of one address (IPv6: of "
        "one /64). Copying the hashes of a million entries takes 40 seconds at this pace.",
    )
    caller_burst: int = Field(
        default=1_000,
        ge=1,
        le=1_000_000,
        description="Requests of it that may come at once.",
    )
    key_per_s: int = Field(
        default=50,
        ge=1,
        le=100_000,
        description="Messages a second that one device key may submit by HTTP; a gateway sends a "
        "backlog at 50.",
    )
    key_burst: int = Field(
        default=1_500,
        ge=1,
        le=1_000_000,
        description="Messages of it that may come at once: one a minute for a day.",
    )
    open_submissions: int = Field(
        default=4,
        ge=1,
        le=1_000,
        description="Submissions decided at once for one log, and four times as many in all: each "
        "is a commit, and those of other logs wait their turn behind them.",
    )
    open_proofs: int = Field(
        default=16,
        ge=1,
        le=1_000,
        description="Proofs and signed answers made at once; a quarter of them for one caller.",
    )
    open_bundles: int = Field(
        default=8,
        ge=1,
        le=1_000,
        description="Bundles made or verified at once, each with up to 21 MB in memory; a quarter "
        "of them for one caller.",
    )
    open_feeds: int = Field(
        default=64,
        ge=1,
        le=10_000,
        description="Streams of events followed at once; a quarter of them for one caller.",
    )
    body_s: int = Field(
        default=30,
        ge=1,
        le=3_600,
        description="Seconds within which a request's body must have come.",
    )


class DocumentSettings(_Section):
    """The documents of enterprises, encrypted in the database."""

    keys: Path = Field(
        description="Folder of the enterprises' document keys, `<usc>.key`, beside the database "
        "and never in it or in its backups: erasing a key erases the documents."
    )


class ProviderSettings(_Section):
    """An identity provider (OpenID Connect) at which representatives may log in."""

    issuer: str = Field(
        pattern=r"^https?://[^\s?#]+$",
        description="Address of the provider, exactly as its tokens name it; `https`, or a "
        "provider on this machine.",
    )
    client_id: str = Field(description="What this server is called there.")
    client_secret_file: Path | None = Field(
        default=None, description="File with the secret; absent for a public client."
    )
    title: str = Field(default="", description="What people call it.")


class AuthSettings(_Section):
    """How representatives of parties log in."""

    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#@]+$",
        description="Address under which people reach this server, such as "
        "`https://ledger.example`; what they sign to log in names it. Absent: "
        "`http://<web.host>:<web.port>`.",
    )
    session_hours: int = Field(
        default=12, ge=1, le=24 * 30, description="Hours after which a session is over."
    )
    idle_minutes: int = Field(
        default=60, ge=5, le=24 * 60, description="Minutes without a request that end a session."
    )
    oversight: tuple[str, ...] = Field(
        default=(),
        description="Codes of regulators that watch the others: they see who read what, also "
        "what is sealed until its case closes, and no enterprise's data.",
    )
    providers: dict[str, ProviderSettings] = Field(
        default={}, description="Identity providers, by a short name that stands in addresses."
    )


class WebhookSettings(_Section):
    """Calls to the endpoints of parties."""

    key_file: Path | None = Field(
        default=None,
        description="File with the key that seals the secrets of endpoints in the database, 64 "
        "hexadecimal digits, mode 0600; made when it is first needed. Absent: `webhooks.key` in "
        "the folder of the logs' keys.",
    )
    private_networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(),
        description="Networks of this machine's neighbourhood that may be called although their "
        "addresses are not public; there `http` is allowed too. Everything else that is not "
        "public is refused, so that nobody reaches a neighbour through this server.",
    )
    timeout_s: int = Field(
        default=15, ge=1, le=60, description="Seconds in which an endpoint must have answered."
    )


class MailSettings(_Section):
    """The mail server that takes letters about notices."""

    host: str = Field(description="Its host name, as its certificate has it.")
    port: int = Field(default=465, ge=1, le=65_535, description="465 with TLS, 587 with STARTTLS.")
    security: Literal["tls", "starttls", "none"] = Field(
        default="tls", description="`none` only for a server on this machine."
    )
    ca_file: Path | None = Field(
        default=None, description="Certificates it chains to; absent: those of this machine."
    )
    username: str | None = Field(default=None, description="Absent: no login.")
    password_file: Path | None = Field(default=None, description="File with the password.")
    sender: str = Field(pattern=r"^[^@\s]+@[^@\s]+$", description="Address that letters come from.")


class WorkerSettings(_Section):
    """The worker."""

    processes: int = Field(
        default=2,
        ge=0,
        le=64,
        description="Processes that verify signatures; 0 verifies in the worker itself.",
    )


class Settings(BaseSettings):
    """All settings of one place."""

    model_config = SettingsConfigDict(
        env_prefix="CARBONSEAL_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    database: DatabaseSettings
    log: LogSettings
    chain: ChainSettings
    mqtt: MqttSettings | None = Field(
        default=None, description="Absent: messages come by HTTP only."
    )
    web: WebSettings = WebSettings()
    auth: AuthSettings = AuthSettings()
    worker: WorkerSettings = WorkerSettings()
    webhooks: WebhookSettings = WebhookSettings()
    mail: MailSettings | None = Field(default=None, description="Absent: no letters are sent.")
    documents: DocumentSettings | None = Field(
        default=None, description="Absent: no documents are kept."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file; there are no other sources."""
        return env_settings, init_settings


def load_settings(config: Path | None = None) -> Settings:
    """
    Read the settings, once.

    Args:
        config: TOML file; without it, the one `CARBONSEAL_CONFIG` names, if any.

    Raises:
        ConfigurationError: If a value is missing, unknown or out of bounds; names each.
    """
    values = _read_file(config or _named_file())
    try:
        return Settings(**values)
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg'].lower()}"
            for item in error.errors()
        ]
        raise ConfigurationError(
            "settings are not complete: "
            + "; ".join(lines)
            + f" (set CARBONSEAL_… or name a file with {CONFIG_VARIABLE})"
        ) from error


def shared_folder() -> Path | None:
    """Give the folder of third-party data that `CARBONSEAL_SHARED` names, if it does."""
    named = os.environ.get("CARBONSEAL_SHARED")
    return Path(named) if named else None


def _named_file() -> Path | None:
    named = os.environ.get(CONFIG_VARIABLE)
    return Path(named) if named else None


def _read_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"cannot read the settings file {path}: {error}") from error
    return _anchored(values, path.parent)


def _anchored(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Take relative paths in the file as relative to the file, wherever the command is run."""
    result: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            result[key] = _anchored(value, folder)
        elif isinstance(value, str) and _is_path(key):
            result[key] = str(folder / value)
        else:
            result[key] = value
    return result


def _is_path(key: str) -> bool:
    return key.endswith("_file") or key in {
        "keys",
        "platform_roots",
        "deployments",
        "operator_keystore",
        "relay_keystore",
    }
