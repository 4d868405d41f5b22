"""The users file: names with argon2 hashes -> who may sign in. Written by `platestream users`."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from contracts.errors import Rejected, Stop

_HASHER = PasswordHasher()
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
AUDITOR, INVESTIGATOR = "auditor", "investigator"
ROLES = (AUDITOR, INVESTIGATOR)
"""Who may more than all may who sign in. An auditor sees who looked at what; an investigator is shown owners
of vehicles, each for a reason."""
MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 256
# Verified when the name is unknown, so that the time to answer does not tell which names exist.
_NOBODY = _HASHER.hash("nobody has this password")


class User(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One who may sign in, and so see all pages but those that need one of `ROLES`."""

    hash: str
    created_at: datetime
    roles: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"User(created_at={self.created_at!s}, roles={self.roles!r})"

    @property
    def stamp(self) -> str:
        """Changes with the password: a session that carries an older one is over."""
        return hashlib.sha256(self.hash.encode()).hexdigest()[:16]


class UsersFile:
    """`users.json` in the secrets folder, read again whenever it was replaced."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._users: dict[str, User] = {}

    def all(self) -> dict[str, User]:
        """Every user by name; none when the file is not there yet.

        Raises:
            Stop: the file is there but cannot be read, or is no users file.
        """
        try:
            state = self._path.stat()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unusable(error) from error
        seen = (state.st_ino, state.st_mtime_ns, state.st_size)
        if seen != self._seen:
            self._users = self._read()
            self._seen = seen
        return dict(self._users)

    def find(self, name: str) -> User | None:
        """The user of that name."""
        return self.all().get(name)

    def of_session(self, session_id: str) -> tuple[str, User] | None:
        """Name and user of a session; None once the user is gone or has another password."""
        name, _, stamp = session_id.rpartition(":")
        user = self.find(name)
        return (name, user) if user is not None and user.stamp == stamp else None

    def verify(self, *, name: str, password: str) -> User | None:
        """The user, when name and password belong together. Takes as long when they do not."""
        user = self.find(name)
        try:
            _HASHER.verify(user.hash if user else _NOBODY, password[:MAX_PASSWORD_LENGTH])
        except (VerificationError, InvalidHashError):
            return None
        return user

    def set_password(self, *, name: str, password: str, now: datetime) -> bool:
        """Adds a user, or gives one a new password. True when the user is new.

        Raises:
            Rejected: the name or the password breaks the rules.
            Stop: the file cannot be written.
        """
        if not _NAME.fullmatch(name):
            raise Rejected(f"user name {name!r}", "small letters, digits and . _ @ - only, at most 64")
        if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
            raise Rejected("password", f"it needs {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters")
        hashed = _HASHER.hash(password)
        with self._alone():
            users = self.all()
            old = users.get(name)
            users[name] = User(
                hash=hashed,
                created_at=old.created_at if old else now.astimezone(UTC),
                roles=old.roles if old else (),
            )
            self._write(users)
        return old is None

    def set_role(self, *, name: str, role: str, given: bool) -> bool:
        """Gives a role to a user or takes it away, from the next request on. False when it was so before.

        Raises:
            Rejected: there is no such role or user.
            Stop: the file cannot be written.
        """
        if role not in ROLES:
            raise Rejected(f"role {role!r}", f"there are: {', '.join(ROLES)}")
        with self._alone():
            users = self.all()
            old = users.get(name)
            if old is None:
                raise Rejected(f"user {name}", "there is none of that name")
            if (role in old.roles) == given:
                return False
            others = tuple(other for other in old.roles if other != role)
            users[name] = msgspec.structs.replace(old, roles=(*others, role) if given else others)
            self._write(users)
        return True

    def remove(self, *, name: str) -> bool:
        """False when there was no such user.

        Raises:
            Stop: the file cannot be written.
        """
        with self._alone():
            users = self.all()
            if users.pop(name, None) is None:
                return False
            self._write(users)
        return True

    def _read(self) -> dict[str, User]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, User])
        except (OSError, ValueError, msgspec.DecodeError) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> Stop:
        return Stop(f"users file {self._path}: {type(error).__name__}")

    def _unwritable(self, error: OSError) -> Stop:
        return Stop(f"users file {self._path} cannot be written: {error.strerror or error}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else changes the file meanwhile: who wrote back an older one would let in whom another
        administrator has just removed. The lock is the folder's, since the file itself is replaced."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = os.open(self._path.parent, os.O_RDONLY)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _write(self, users: dict[str, User]) -> None:
        try:
            self._replace(users)
        except OSError as error:
            raise self._unwritable(error) from error

    def _replace(self, users: dict[str, User]) -> None:
        """In one step, and readable by its owner alone from the first byte on."""
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".users-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(users), indent=2))
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
