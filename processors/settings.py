"""What a stage's process is told from outside: one frozen object made from the environment."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.errors import Stop


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything any stage needs; what a stage does not need may be missing. Secrets do not print."""

    kafka: str
    triton: tuple[str, ...] = ()
    model_repository: Path = Path("triton_models/repository")
    database: str | None = field(default=None, repr=False)
    evidence: str | None = None
    s3_evidence_writer: Mapping[str, str] | None = field(default=None, repr=False)
    registry_url: str | None = None
    registry_dialect: str = "surepass"
    registry_key: str | None = field(default=None, repr=False)
    owner_key: bytes | None = field(default=None, repr=False)
    cameras: Path | None = None
    health: str | None = None
    slot: str | None = None
    stale_after_sec: float = 10.0
    in_flight: int = 8


def from_environment(environment: Mapping[str, str]) -> Settings:
    """The settings in `PLATESTREAM_*`.

    Raises:
        Stop: a variable is missing or senseless, or a file that one names cannot be read.
    """

    def get(name: str) -> str | None:
        return environment.get(f"PLATESTREAM_{name}") or None

    kafka = get("KAFKA")
    if kafka is None:
        raise Stop("PLATESTREAM_KAFKA is not set: host:port of the broker")
    secrets = get("SECRETS")
    key_file, s3_file, cameras = get("REGISTRY_KEY_FILE"), get("S3_EVIDENCE_WRITER_FILE"), get("CAMERAS")
    return Settings(
        kafka=kafka,
        triton=tuple(part.strip() for part in (get("TRITON") or "").split(",") if part.strip()),
        model_repository=Path(get("MODELS") or Settings.model_repository),
        database=get("DATABASE"),
        evidence=get("EVIDENCE"),
        s3_evidence_writer=_json_file(Path(s3_file)) if s3_file else None,
        registry_url=get("REGISTRY_URL"),
        registry_dialect=get("REGISTRY_DIALECT") or Settings.registry_dialect,
        registry_key=_text_file(Path(key_file)).strip() if key_file else None,
        owner_key=_owner_key(Path(secrets) / "owner.key") if secrets else None,
        cameras=Path(cameras) if cameras else None,
        health=get("HEALTH"),
        slot=get("SLOT"),
        stale_after_sec=_number(get("STALE_AFTER_SEC"), Settings.stale_after_sec, "STALE_AFTER_SEC"),
        in_flight=int(_number(get("IN_FLIGHT"), Settings.in_flight, "IN_FLIGHT")),
    )


def _number(text: str | None, default: float, name: str) -> float:
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError as error:
        raise Stop(f"PLATESTREAM_{name} is no number: {text!r}") from error
    if not value > 0:
        raise Stop(f"PLATESTREAM_{name} must be above 0, it is {text}")
    return value


def _text_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"{path}: {getattr(error, 'strerror', None) or 'is no text in UTF-8'}") from error


def _json_file(path: Path) -> dict[str, str]:
    try:
        found = json.loads(_text_file(path))
    except ValueError as error:
        raise Stop(f"{path} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise Stop(f"{path} must hold one JSON object")
    return {str(name): str(value) for name, value in found.items()}


def _owner_key(path: Path) -> bytes | None:
    """32 bytes in base64; None where there is no such file, since only one stage needs it."""
    if not path.exists():
        return None
    try:
        key = base64.b64decode(_text_file(path).strip(), validate=True)
    except binascii.Error as error:
        raise Stop(f"{path} is no base64") from error
    if len(key) != 32:
        raise Stop(f"{path} holds {len(key)} bytes, 32 are needed")
    return key
