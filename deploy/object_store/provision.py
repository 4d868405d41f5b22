"""An empty versitygw -> two accounts, two buckets, their policies. Doing it again changes nothing."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

import httpx
import msgspec

from contracts.errors import Stop, TryAgain
from deploy.object_store import policies
from deploy.object_store.signing import SignedRequests

ANSWER_WITHIN_SEC = 10.0
ALREADY_THERE = 409


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What a process needs to know to use the store: the contents of its JSON file."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    endpoint: str
    region: str

    def __repr__(self) -> str:
        return f"Account(access_key_id={self.access_key_id!r}, endpoint={self.endpoint!r})"

    @classmethod
    def from_file(cls, path: Path) -> Account:
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except (OSError, msgspec.DecodeError) as error:
            raise Stop(f"account file {path}: {type(error).__name__}") from error


@dataclass(frozen=True)
class Provisioner:
    """Works as the server's root account."""

    root: Account

    def provision(self, *, writer: Account, web: Account) -> None:
        """Accounts, buckets, policies.

        Raises:
            TryAgain: the server does not answer.
            Stop: it refuses.
        """
        with self._client() as client:
            for account in (writer, web):
                self._create_user(client, account)
            for bucket, policy in (
                (
                    policies.EVIDENCE,
                    policies.evidence(writer=writer.access_key_id, web=web.access_key_id),
                ),
                (policies.UPLOADS, policies.uploads(web=web.access_key_id)),
            ):
                self._send(client, "PUT", f"/{bucket}", b"")
                self._send(client, "PUT", f"/{bucket}?policy=", json.dumps(policy).encode())

    def _client(self) -> httpx.Client:
        auth = SignedRequests(self.root.access_key_id, self.root.secret_access_key, self.root.region)
        return httpx.Client(
            base_url=self.root.endpoint, auth=auth, timeout=ANSWER_WITHIN_SEC, trust_env=False
        )

    def _create_user(self, client: httpx.Client, account: Account) -> None:
        body = (
            f"<Account><Access>{escape(account.access_key_id)}</Access>"
            f"<Secret>{escape(account.secret_access_key)}</Secret><Role>user</Role></Account>"
        )
        self._send(client, "PATCH", "/create-user", body.encode())

    def _send(self, client: httpx.Client, method: str, path: str, body: bytes) -> None:
        # S3 wants this old checksum on a policy; elsewhere it does no harm.
        checksum = b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        try:
            answer = client.request(method, path, content=body, headers={"content-md5": checksum})
        except httpx.TransportError as error:
            raise TryAgain("object store", str(error)) from error
        if answer.is_error and answer.status_code != ALREADY_THERE:
            raise Stop(f"object store {method} {path}: {answer.status_code} {answer.text[:300]}")
