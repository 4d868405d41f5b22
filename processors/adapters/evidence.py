"""JPEG bytes or JSON in, their place in the object store out: a local folder or any S3 server, by address.

Objects are named by the SHA-256 of their bytes, so adding twice changes nothing and a name proves its
content. This side has no way to read or remove one; on S3 its account may not either (`deploy/policies`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import obstore
import simplejpeg
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import LocalStore, S3Store

from contracts.errors import Rejected, Stop, TryAgain
from contracts.messages.plate import StoredPicture, StoredReads

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

    Store = LocalStore | S3Store

_DEPENDENCY = "evidence store"
# The engine waits and tries again for as long as it takes; here only a dropped connection is bridged.
_RETRY: RetryConfig = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}


class S3Account(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account of an S3 server. The secret does not print."""

    access_key_id: str
    secret_access_key: str
    endpoint: str
    region: str = "us-east-1"

    def __repr__(self) -> str:
        return f"S3Account(access_key_id={self.access_key_id!r}, endpoint={self.endpoint!r})"


class ObjectStoreEvidence:
    """`EvidenceStore` over obstore."""

    def __init__(self, store: Store, *, where: str) -> None:
        self._store = store
        self._where = where

    @classmethod
    def open(cls, address: str, *, account: Mapping[str, str] | None = None) -> ObjectStoreEvidence:
        """The store at a `file:///folder` or `s3://bucket/prefix` address.

        Raises:
            Stop: another kind of address, or an S3 address without a complete account.
        """
        if address.startswith("file://"):
            store: Store = _folder(address)
        elif address.startswith("s3://"):
            store = _s3_store(address, account)
        else:
            raise Stop(f"evidence store {address.partition(':')[0]}: neither file:// nor s3://")
        return cls(store, where=address)

    async def add(self, jpeg: bytes) -> StoredPicture:
        """See `EvidenceStore.add`."""
        height, width = _size_hw(jpeg)
        key, sha256 = await self._add(jpeg, "jpg", "image/jpeg")
        return StoredPicture(key=key, sha256=sha256, width=width, height=height)

    async def add_reads(self, data: bytes) -> StoredReads:
        """See `EvidenceStore.add_reads`."""
        key, sha256 = await self._add(data, "json", "application/json")
        return StoredReads(key=key, sha256=sha256)

    async def _add(self, data: bytes, suffix: str, content_type: str) -> tuple[str, str]:
        """Key and SHA-256 of what is stored."""
        sha256 = hashlib.sha256(data).hexdigest()
        key = f"evidence/{sha256[:2]}/{sha256}.{suffix}"
        await self._put(key, data, content_type)
        return key, sha256

    async def _put(self, key: str, data: bytes, content_type: str) -> None:
        try:
            # "create" is what lets an account add and not overwrite (If-None-Match on S3).
            await obstore.put_async(
                self._store,
                key,
                data,
                mode="create",
                # A folder cannot keep attributes and refuses them.
                attributes=None if isinstance(self._store, LocalStore) else {"Content-Type": content_type},
                use_multipart=False,
            )
        except (AlreadyExistsError, PreconditionError):
            return
        # A missing bucket comes as the built-in error.
        except (PermissionDeniedError, UnauthenticatedError, NotFoundError, FileNotFoundError) as error:
            raise Stop(f"evidence store {self._where}: {type(error).__name__}, {key} not added") from error
        except (BaseError, OSError) as error:
            raise TryAgain(_DEPENDENCY, f"{self._where}: {_short(error)}") from error


def _folder(address: str) -> LocalStore:
    try:
        return LocalStore.from_url(address, mkdir=True)
    except (BaseError, OSError, ValueError) as error:
        raise Stop(f"evidence folder {address}: {_short(error)}") from error


def _s3_store(address: str, fields: Mapping[str, str] | None) -> S3Store:
    if fields is None:
        raise Stop(f"evidence store {address}: no account is given")
    try:
        account = msgspec.convert(dict(fields), S3Account)
    except msgspec.ValidationError as error:
        raise Stop(f"account for {address}: {error}") from error
    options: ClientConfig = {
        "allow_http": account.endpoint.startswith("http://"),
        "connect_timeout": "5s",
        "timeout": "20s",
    }
    return S3Store.from_url(
        address,
        access_key_id=account.access_key_id,
        secret_access_key=account.secret_access_key,
        endpoint=account.endpoint,
        region=account.region,
        virtual_hosted_style_request=False,
        client_options=options,
        retry_config=_RETRY,
    )


def _size_hw(jpeg: bytes) -> tuple[int, int]:
    try:
        height, width, _, _ = simplejpeg.decode_jpeg_header(jpeg)
    except ValueError as error:
        raise Rejected("evidence picture", f"no JPEG ({error})") from error
    return height, width


def _short(error: Exception) -> str:
    """The first line of what the store said, without the request it repeats."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
