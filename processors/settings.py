"""What a stage's process is told from outside: one frozen object made from the environment.

Secrets stay in their files: each stage opens only those that it needs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.errors import Stop

_REPOSITORY = Path(__file__).resolve().parent.parent / "triton_models" / "repository"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything any stage needs; what a stage does not need may be missing."""

    kafka: str
    triton: tuple[str, ...] = ()
    model_repository: Path = _REPOSITORY
    database: str | None = field(default=None, repr=False)
    evidence: str | None = None
    s3_evidence_writer_file: Path | None = None
    registry_url: str | None = None
    registry_dialect: str = "surepass"
    registry_key_file: Path | None = None
    secrets: Path | None = None
    cameras: Path | None = None
    health: str | None = None
    slot: str | None = None
    # Longer than a server is away for a restart, far shorter than frames are kept: an outage of a minute
    # costs no plate, and a stage that is too slow still catches up.
    stale_after_sec: float = 120.0
    in_flight: int = 8


def from_environment(environment: Mapping[str, str]) -> Settings:
    """The settings in `PLATESTREAM_*`.

    Raises:
        Stop: the broker is not named, or a number is none that can be.
    """

    def get(name: str) -> str | None:
        return environment.get(f"PLATESTREAM_{name}") or None

    def path(name: str) -> Path | None:
        value = get(name)
        return Path(value) if value else None

    kafka = get("KAFKA")
    if kafka is None:
        raise Stop("PLATESTREAM_KAFKA is not set: host:port of the broker")
    return Settings(
        kafka=kafka,
        triton=tuple(part.strip() for part in (get("TRITON") or "").split(",") if part.strip()),
        model_repository=path("MODELS") or Settings.model_repository,
        database=get("DATABASE"),
        evidence=get("EVIDENCE"),
        s3_evidence_writer_file=path("S3_EVIDENCE_WRITER_FILE"),
        registry_url=get("REGISTRY_URL"),
        registry_dialect=get("REGISTRY_DIALECT") or Settings.registry_dialect,
        registry_key_file=path("REGISTRY_KEY_FILE"),
        secrets=path("SECRETS"),
        cameras=path("CAMERAS"),
        health=get("HEALTH"),
        slot=get("SLOT"),
        stale_after_sec=_number(get("STALE_AFTER_SEC"), Settings.stale_after_sec, "STALE_AFTER_SEC"),
        in_flight=_whole_number(get("IN_FLIGHT"), Settings.in_flight, "IN_FLIGHT"),
    )


def needed(value: str | Path | None, name: str) -> str:
    """A setting that this stage cannot do without."""
    if value is None:
        raise Stop(f"PLATESTREAM_{name} is not set")
    return str(value)


def read_text(path: Path) -> str:
    """The text of a file that a setting names."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"{path}: {getattr(error, 'strerror', None) or 'is no text in UTF-8'}") from error


def read_object(path: Path) -> dict[str, str]:
    """The JSON object in a file that a setting names."""
    try:
        found = json.loads(read_text(path))
    except ValueError as error:
        raise Stop(f"{path} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise Stop(f"{path} must hold one JSON object")
    return {str(name): str(value) for name, value in found.items()}


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


def _whole_number(text: str | None, default: int, name: str) -> int:
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise Stop(f"PLATESTREAM_{name} is {text!r}: it can be a whole number, 1 or more")
    return value
