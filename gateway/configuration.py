"""One TOML file, read once, validated as a whole and frozen; the environment brings secrets and nothing else."""

import base64
import os
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from gateway.errors import ConfigurationRefused
from gateway.extraction.catalogue import PROFILES, VERSIONS
from gateway.messages import Language
from gateway.problems import explain
from mappings.csd.version import Version
from mappings.exposition.demandes import ProfilAcces, Transaction
from mappings.fhir.conforming import Mode

ENVIRONMENT = {
    "ROR_GATEWAY_CURSOR_KEY": ("secrets", "cursor_key"),
    "ROR_GATEWAY_TOKEN_SIGNING_KEY": ("secrets", "token_signing_key"),
    "ROR_GATEWAY_REPLICA_URL": ("replica", "url"),
}
"""Each variable, and the setting it replaces."""


class Section(BaseModel):
    """A table of the file: frozen, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Listener(Section):
    """Where a door listens, and the address its callers know (empty: derived from host and port)."""

    host: str = "127.0.0.1"
    port: int = Field(ge=0, le=65535)
    public_url: AnyHttpUrl | None = None


class Listeners(Section):
    """The three doors. Port 0 lets the system choose."""

    soap: Listener
    fhir: Listener
    token: Listener


class Certificates(Section):
    """PEM files: what the gateway shows as a server and as a client, and the hierarchy it trusts."""

    server: Path
    server_key: Path
    client: Path
    client_key: Path
    ca: Path


class Federation(Section):
    """The federation document, the revocation lists, and how often (seconds) the lists are read again."""

    document: Path
    crl: tuple[Path, ...] = Field(min_length=1)
    refresh: float = Field(default=60.0, gt=0)


class ReplicaStore(Section):
    """The indexed copy; `url` is a SQLAlchemy address and may hold a password."""

    url: SecretStr
    period: float = Field(default=60.0, gt=0)


class Extraction(Section):
    """The archives per profile (contract section 9): where they lie, which are produced, how often (seconds).

    `file_size` is what a file of an archive should weigh at most, in bytes; `limit` the seconds a production may take
    (RG_ALIM_024), and a download.
    """

    listener: Listener
    directory: Path
    period: float = Field(default=86400.0, gt=0)
    versions: tuple[Version, ...] = Field(default=VERSIONS, min_length=1)
    profiles: tuple[ProfilAcces, ...] = Field(default=PROFILES, min_length=1)
    file_size: int = Field(default=100_000_000, ge=1, lt=103_000_000)
    limit: float = Field(default=7200.0, gt=0, le=7200)

    @field_validator("versions")
    @classmethod
    def _versions(cls, value: tuple[Version, ...]) -> tuple[Version, ...]:
        if not set(value) <= set(VERSIONS):
            raise ValueError(", ".join(VERSIONS))
        return tuple(dict.fromkeys(value))

    @field_validator("profiles")
    @classmethod
    def _profiles(cls, value: tuple[ProfilAcces, ...]) -> tuple[ProfilAcces, ...]:
        if not set(value) <= set(PROFILES):
            raise ValueError(", ".join(PROFILES))
        return tuple(dict.fromkeys(value))


Seconds = Annotated[float, Field(gt=0, le=600)]


class CallerDeadlines(Section):
    """What differs for one caller: all its exchanges, or those of a transaction."""

    exchange: Seconds | None = None
    transactions: dict[Transaction, Seconds] = {}


class Deadlines(Section):
    """Seconds: one exchange (contract section 2, RG_ALIM_024), the head and the body of a request, the wait for a
    caller that does not read its answer, what runs at a stop.

    The exchange is counted from the moment its message is there. Of several deadlines the most particular holds: that
    of the caller for the transaction, of the caller, of the transaction, of all.
    """

    exchange: Seconds = 5.0
    transactions: dict[Transaction, Seconds] = {}
    callers: dict[str, CallerDeadlines] = {}
    head: float = Field(default=10.0, gt=0)
    body: float = Field(default=10.0, gt=0)
    reading: float = Field(default=30.0, gt=0)
    drain: float = Field(default=10.0, ge=0)

    def seconds(self, caller: str, transaction: Transaction) -> float:
        """How long that caller waits for that transaction; a caller is a member code or a client identifier."""
        own = self.callers.get(caller, _NO_CALLER)
        particular = own.transactions.get(transaction, own.exchange)
        return self.transactions.get(transaction, self.exchange) if particular is None else particular

    @property
    def longest(self) -> float:
        """The longest that any caller waits."""
        callers = self.callers.values()
        own = [seconds for one in callers for seconds in (one.exchange, *one.transactions.values()) if seconds]
        return max([self.exchange, *self.transactions.values(), *own])


_NO_CALLER = CallerDeadlines()


class Limits(Section):
    """Bytes of a body; requests served at once by a door, above which it says so instead of waiting; bytes of memory
    for what was translated before, 0 to keep nothing.
    """

    body: int = Field(default=1024 * 1024, ge=1024)
    concurrent: int = Field(default=256, ge=1)
    memory: int = Field(default=64 * 1024 * 1024, ge=0)


class Soap(Section):
    """HTTP status of a functional `error` (contract section 6: 500 was seen, 200 is as possible); VIHF.

    `audiences` are names of ours in an AudienceRestriction beside the public address. `unsigned_assertions` leaves the
    decision to each member's entry, or refuses them all: local policy only restricts what the federation grants.
    """

    contract_error_status: int = 200
    audiences: tuple[str, ...] = ()
    unsigned_assertions: Literal["member", "refuse"] = "member"

    @field_validator("contract_error_status")
    @classmethod
    def _one_of_two(cls, value: int) -> int:
        if value not in {200, 500}:
            raise ValueError("200, 500")
        return value


class Token(Section):
    """Access tokens: who issues them, for whom, how long they live (seconds), the skew of clocks tolerated."""

    issuer: str | None = None
    audience: str | None = None
    lifetime: int = Field(default=300, ge=30, le=3600)
    skew: int = Field(default=60, ge=0, le=120)


class Secrets(Section):
    """Keys: `cursor_key` is 32 bytes in base64, `token_signing_key` a PEM private key (RSA or P-256).

    Left out, each is drawn at start: page links and tokens then end with the process.
    """

    cursor_key: SecretStr | None = None
    token_signing_key: SecretStr | None = None

    @field_validator("cursor_key")
    @classmethod
    def _thirty_two_bytes(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(_decoded(value.get_secret_value())) != 32:
            raise ValueError("32 bytes in base64")
        return value


class Nomenclatures(Section):
    """Releases beside those of the package, and the replacements of codes that experts accepted (CSV)."""

    directory: Path | None = None
    accepted: Path | None = None


class Validation(Section):
    """Resources held against the national profiles: those that the FHIR door answers, those of members that speak FHIR.

    `report` tells what they break, `refuse` leaves out those that break a rule and tells it (decision 26).
    """

    answers: Mode = Mode.OFF
    members: Mode = Mode.OFF


class Configuration(Section):
    """Every setting of the gateway."""

    language: Language = Language.FR
    listeners: Listeners
    certificates: Certificates
    federation: Federation
    replica: ReplicaStore
    deadlines: Deadlines = Deadlines()
    limits: Limits = Limits()
    soap: Soap = Soap()
    token: Token = Token()
    extraction: Extraction | None = None
    nomenclatures: Nomenclatures = Nomenclatures()
    validation: Validation = Validation()
    secrets: Secrets = Secrets()

    def cursor_key(self) -> bytes:
        """The key that seals page links."""
        key = self.secrets.cursor_key
        return secrets.token_bytes(32) if key is None else _decoded(key.get_secret_value())

    def effective(self) -> dict[str, Any]:
        """Every setting in force, secrets masked."""
        return self.model_dump(mode="json")


def environment() -> Mapping[str, str]:
    """The environment of the process, read nowhere else."""
    return os.environ


def load(path: Path, variables: Mapping[str, str] | None = None) -> Configuration:
    """The configuration of that file; raises `ConfigurationRefused` with everything that is wrong with it.

    Secrets come from `variables`, by default the environment of the process.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationRefused((("", f"Fichier illisible : {path}", f"Unreadable file: {path}"),)) from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationRefused((("", f"TOML non valide : {error}", f"Invalid TOML: {error}"),)) from error
    return parse(_with_secrets(table, environment() if variables is None else variables), base=path.resolve().parent)


def parse(table: Mapping[str, Any], *, base: Path) -> Configuration:
    """The configuration that table says; relative paths start at `base`."""
    try:
        configuration = Configuration.model_validate(table)
    except ValidationError as error:
        raise ConfigurationRefused(explain(error, Configuration)) from error
    absolute = _absolute(configuration, base)
    _refuse_missing_files(absolute)
    return absolute


def _with_secrets(table: dict[str, Any], variables: Mapping[str, str]) -> dict[str, Any]:
    for variable, (section, key) in ENVIRONMENT.items():
        if variable in variables:
            table = {**table, section: {**table.get(section, {}), key: variables[variable]}}
    return table


def _absolute(configuration: Configuration, base: Path) -> Configuration:
    certificates = {name: base / path for name, path in configuration.certificates}
    federation = {
        "document": base / configuration.federation.document,
        "crl": tuple(base / path for path in configuration.federation.crl),
    }
    nomenclatures = {name: base / path for name, path in configuration.nomenclatures if path is not None}
    extraction = configuration.extraction
    if extraction is not None:
        extraction = extraction.model_copy(update={"directory": base / extraction.directory})
    return configuration.model_copy(
        update={
            "extraction": extraction,
            "nomenclatures": configuration.nomenclatures.model_copy(update=nomenclatures),
            "certificates": configuration.certificates.model_copy(update=certificates),
            "federation": configuration.federation.model_copy(update=federation),
        }
    )


def _refuse_missing_files(configuration: Configuration) -> None:
    named = [
        *((f"certificates.{name}", path) for name, path in configuration.certificates),
        ("federation.document", configuration.federation.document),
        *((f"federation.crl.{index}", path) for index, path in enumerate(configuration.federation.crl)),
    ]
    nomenclatures = configuration.nomenclatures
    named += [("nomenclatures.accepted", nomenclatures.accepted)] if nomenclatures.accepted is not None else []
    missing = tuple(
        (key, f"fichier introuvable : {path}", f"no such file: {path}") for key, path in named if not path.is_file()
    )
    if nomenclatures.directory is not None and not nomenclatures.directory.is_dir():
        key, path = "nomenclatures.directory", nomenclatures.directory
        missing += ((key, f"dossier introuvable : {path}", f"no such directory: {path}"),)
    if missing:
        raise ConfigurationRefused(missing)


def _decoded(value: str) -> bytes:
    return base64.b64decode(value, validate=True)
