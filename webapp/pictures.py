"""Keys -> bytes: evidence is only read, uploads are read and written. A local folder or S3, by its URL.

Keys come from the database or are made here; what a browser sends never becomes part of a path.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

import msgspec
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, ObjectStore, S3Store

from contracts.errors import Rejected, Stop, TryAgain
from webapp.threads import in_thread

if TYPE_CHECKING:
    from obstore.store import ClientConfig

_KEY = re.compile(r"(?:[a-z0-9][a-z0-9_-]*/){1,4}[a-z0-9][a-z0-9_-]*\.(?:jpg|json)")


class S3Access(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON file that holds what an S3 server wants to know. Does not print its secret."""

    access_key_id: str
    secret_access_key: str
    endpoint: str | None = None
    region: str = "us-east-1"

    def __repr__(self) -> str:
        return f"S3Access(endpoint={self.endpoint!r}, region={self.region!r})"


class PictureShelf:
    """One place of pictures. `name` says in errors which one is away."""

    def __init__(self, store: ObjectStore, *, name: str) -> None:
        self._store = store
        self._name = name

    def read(self, *, key: str) -> bytes | None:
        """The picture's bytes; None when there is none under this key.

        Raises:
            TryAgain: the storage is away.
            Stop: the storage does not let us.
            Rejected: this is no key of a picture.
        """
        self._check(key)
        try:
            return in_thread(lambda: self._store.get(key).bytes().to_bytes())
        except (NotFoundError, FileNotFoundError):
            return None
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise Stop(f"{self._name} refuses our credentials") from error
        except (BaseError, OSError) as error:
            raise TryAgain(self._name, f"it does not answer ({type(error).__name__})") from error

    def write(self, *, key: str, picture: bytes) -> None:
        """Stores a picture, in place of one with the same key.

        Raises:
            TryAgain, Stop, Rejected: as in `read`.
        """
        self._check(key)
        try:
            in_thread(lambda: self._store.put(key, picture))
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise Stop(f"{self._name} refuses our credentials") from error
        except (BaseError, OSError) as error:
            raise TryAgain(self._name, f"it does not answer ({type(error).__name__})") from error

    def _check(self, key: str) -> None:
        if not _KEY.fullmatch(key):
            raise Rejected("picture key", "it is not of the form that keys have")


def open_shelf(url: str, *, name: str, s3_file: Path | None) -> PictureShelf:
    """The place that a URL names: file:///folder or s3://bucket/prefix.

    Raises:
        Stop: the URL or the S3 settings cannot be used.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return PictureShelf(_folder(Path(url2pathname(parts.path))), name=name)
    if parts.scheme == "s3" and s3_file is not None:
        return PictureShelf(_bucket(parts.netloc, prefix=parts.path.strip("/"), s3_file=s3_file), name=name)
    raise Stop(f"{name}: {parts.scheme}:// needs to be file://, or s3:// with a file of S3 settings")


def client_options(access: S3Access) -> ClientConfig:
    """Plain http only where the endpoint itself says so: nothing leads away from https."""
    plain = (access.endpoint or "").startswith("http://")
    return {"allow_http": plain, "timeout": "10s", "connect_timeout": "3s"}


def _folder(path: Path) -> ObjectStore:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(path)
    except (BaseError, OSError) as error:
        raise Stop(f"folder of pictures {path}: {error}") from error


def _bucket(bucket: str, *, prefix: str, s3_file: Path) -> ObjectStore:
    try:
        access = msgspec.json.decode(s3_file.read_bytes(), type=S3Access)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Stop(f"S3 settings {s3_file}: {type(error).__name__}") from error
    return S3Store(
        bucket,
        prefix=prefix or None,
        endpoint=access.endpoint,
        region=access.region,
        access_key_id=access.access_key_id,
        secret_access_key=access.secret_access_key,
        virtual_hosted_style_request=False,
        client_options=client_options(access),
        retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=6)},
    )
