"""The secrets of one installation, made once, readable by their owner alone; existing ones are kept."""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

KEY_BYTES = 32
OWNER_ONLY = 0o600
OWNER_KEY, SESSION_KEY = "owner.key", "session.key"
REGISTRY_KEY, DATABASE_PASSWORD = "registry.key", "postgres.password"
ALL_KEYS = (OWNER_KEY, SESSION_KEY, REGISTRY_KEY, DATABASE_PASSWORD)


@dataclass(frozen=True)
class Keys:
    """Files of the secrets folder. The objects hold paths; only who needs a secret reads it."""

    folder: Path

    @property
    def database_password(self) -> Path:
        return self.folder / DATABASE_PASSWORD

    @property
    def registry_key(self) -> Path:
        return self.folder / REGISTRY_KEY


def make_keys(folder: Path, names: tuple[str, ...] = ALL_KEYS) -> Keys:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # also a folder that was there before
    for name in names:
        write_once(folder / name, base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
    return Keys(folder)


def write_once(path: Path, text: str) -> None:
    """Made complete beside its place: a crash in the middle leaves no half key, and no key is replaced."""
    if path.exists():
        return
    draft = path.with_suffix(f".draft{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        # Another start made it in the same moment; its key is the key.
        return
    finally:
        draft.unlink()
