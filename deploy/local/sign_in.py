"""A sign-in for the portal, made for this installation when it has no user yet."""

from __future__ import annotations

import secrets
from pathlib import Path

import msgspec

from deploy.local.keys import write_once
from deploy.local.supervision.status import now
from webapp.users import UsersFile

FIRST_USER = "operator"
PASSWORD_BYTES = 12


class SignIn(msgspec.Struct, frozen=True):
    """Kept beside the other secrets so that it can be shown again; the portal itself has only its hash."""

    name: str
    password: str

    def __repr__(self) -> str:
        return f"SignIn(name={self.name!r})"


def ensure_sign_in(secrets_folder: Path) -> SignIn | None:
    """The sign-in made here; None when the users were made by hand, or this one's password was changed."""
    users = UsersFile(secrets_folder / "users.json")
    kept = secrets_folder / "first-sign-in.json"
    if not users.all():
        kept.unlink(missing_ok=True)
        made = SignIn(FIRST_USER, secrets.token_urlsafe(PASSWORD_BYTES))
        write_once(kept, msgspec.json.encode(made).decode())
        users.set_password(name=made.name, password=made.password, now=now())
        return made
    if not kept.exists():
        return None
    known = msgspec.json.decode(kept.read_bytes(), type=SignIn)
    return known if users.verify(name=known.name, password=known.password) else None
