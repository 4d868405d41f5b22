"""The shipped bucket policies on a real S3 server: who may do what, and that nobody else may."""

from __future__ import annotations

import httpx
import pytest

from deploy.object_store import policies
from deploy.object_store.provision import Account, Provisioner
from deploy.object_store.signing import SignedRequests
from tests.integration.s3_server import S3

FORBIDDEN, PRECONDITION_FAILED, OK = 403, 412, 200
IF_NEW = {"if-none-match": "*"}


def ask(account: Account | None, s3: S3, method: str, path: str, **headers: str) -> int:
    auth = None
    if account is not None:
        auth = SignedRequests(account.access_key_id, account.secret_access_key, account.region)
    with httpx.Client(base_url=s3.root.endpoint, auth=auth, trust_env=False) as client:
        body = b"picture" if method == "PUT" else None
        return client.request(method, path, content=body, headers=headers).status_code


def test_the_writer_adds_evidence_and_does_nothing_else_with_it(s3: S3) -> None:
    key = f"/{policies.EVIDENCE}/a.jpg"

    assert ask(s3.writer, s3, "PUT", key, **IF_NEW) == OK

    assert ask(s3.writer, s3, "GET", key) == FORBIDDEN
    assert ask(s3.writer, s3, "DELETE", key) == FORBIDDEN
    assert ask(s3.writer, s3, "GET", f"/{policies.EVIDENCE}") == FORBIDDEN


def test_evidence_that_is_there_is_not_replaced(s3: S3) -> None:
    key = f"/{policies.EVIDENCE}/b.jpg"
    ask(s3.writer, s3, "PUT", key, **IF_NEW)

    assert ask(s3.writer, s3, "PUT", key, **IF_NEW) == PRECONDITION_FAILED


def test_the_portal_reads_evidence_and_cannot_change_it(s3: S3) -> None:
    key = f"/{policies.EVIDENCE}/c.jpg"
    ask(s3.writer, s3, "PUT", key, **IF_NEW)

    assert ask(s3.web, s3, "GET", key) == OK
    assert ask(s3.web, s3, "PUT", key) == FORBIDDEN
    assert ask(s3.web, s3, "DELETE", key) == FORBIDDEN


def test_uploads_belong_to_the_portal_alone(s3: S3) -> None:
    key = f"/{policies.UPLOADS}/d.jpg"

    assert ask(s3.web, s3, "PUT", key) == OK

    assert ask(s3.web, s3, "GET", key) == OK
    assert ask(s3.writer, s3, "GET", key) == FORBIDDEN
    assert ask(s3.writer, s3, "PUT", key) == FORBIDDEN


@pytest.mark.parametrize("bucket", [policies.EVIDENCE, policies.UPLOADS])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_nothing_is_public(s3: S3, bucket: str, method: str) -> None:
    ask(s3.root, s3, "PUT", f"/{bucket}/e.jpg")

    assert ask(None, s3, method, f"/{bucket}/e.jpg") == FORBIDDEN


def test_making_it_ready_again_changes_nothing(s3: S3) -> None:
    Provisioner(s3.root).provision(writer=s3.writer, web=s3.web)

    assert ask(s3.web, s3, "PUT", f"/{policies.UPLOADS}/f.jpg") == OK
