"""Environment of the portal's process -> one frozen `Settings`. Nothing else here reads the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from contracts.database_address import check_database_address
from contracts.errors import Stop

_CHECKOUT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Address:
    """Where a server listens."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, *, name: str) -> Address:
        host, _, port = text.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise Stop(f"{name}={text!r} is not host:port")
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the portal needs to know. Addresses with passwords do not print.

    `public_url` is how browsers reach the portal; when it is https, a reverse proxy ends TLS in front
    of it: cookies become Secure and the proxy's X-Forwarded headers are believed. `owner_key_file` opens
    what the registry said of owners; without it the portal shows nobody an owner.
    """

    http: Address
    health: Address | None = None
    database: str = field(repr=False)
    kafka: str
    evidence: str
    uploads: str
    s3_file: Path | None = None
    secrets: Path
    owner_key_file: Path | None = None
    web_files: Path = _CHECKOUT / ".stack" / "web" / "node_modules"
    zone: str = "Asia/Kolkata"
    public_url: str | None = None
    max_upload_bytes: int = 32 * 1024 * 1024
    max_upload_pixels: int = 40_000_000

    @property
    def https(self) -> bool:
        """Whether browsers reach the portal over TLS."""
        return self.public_url is not None and urlsplit(self.public_url).scheme == "https"


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Settings of this process.

    Raises:
        Stop: a variable is missing or cannot be understood.
    """
    health = environment.get("PLATESTREAM_HEALTH")
    s3_file = environment.get("PLATESTREAM_S3_WEB_FILE")
    owner_key_file = environment.get("PLATESTREAM_OWNER_KEY_FILE")
    web_files = environment.get("PLATESTREAM_WEB_FILES")
    return Settings(
        http=Address.parse(_needed(environment, "PLATESTREAM_HTTP"), name="PLATESTREAM_HTTP"),
        health=Address.parse(health, name="PLATESTREAM_HEALTH") if health else None,
        database=_database(environment),
        kafka=_needed(environment, "PLATESTREAM_KAFKA"),
        evidence=_needed(environment, "PLATESTREAM_EVIDENCE"),
        uploads=_needed(environment, "PLATESTREAM_UPLOADS"),
        s3_file=Path(s3_file) if s3_file else None,
        secrets=Path(_needed(environment, "PLATESTREAM_SECRETS")),
        owner_key_file=Path(owner_key_file) if owner_key_file else None,
        web_files=Path(web_files) if web_files else Settings.web_files,
        zone=environment.get("PLATESTREAM_ZONE") or Settings.zone,
        public_url=environment.get("PLATESTREAM_PUBLIC_URL") or None,
    )


def _database(environment: Mapping[str, str]) -> str:
    address = _needed(environment, "PLATESTREAM_DATABASE")
    check_database_address(address)
    return address


def _needed(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise Stop(f"{name} is not set")
    return value
