"""The fixture `s3`: versitygw over a folder, with the accounts, buckets and policies that we ship."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from deploy.local.ports import HOST, free_ports
from deploy.object_store import policies
from deploy.object_store.provision import Account, Provisioner
from tests.integration.servers import find_program, missing, running

REGION = "us-east-1"


@dataclass(frozen=True)
class S3:
    """Addresses of the two buckets and the account files of who may use them."""

    root: Account
    writer: Account
    web: Account
    writer_file: Path
    web_file: Path
    evidence_url: str = f"s3://{policies.EVIDENCE}/pictures"
    uploads_url: str = f"s3://{policies.UPLOADS}/pictures"


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    program = find_program("versitygw")
    if program is None:
        missing("versitygw (its Go module builds it)")
    folder = tmp_path_factory.mktemp("s3")
    port = free_ports(["s3"])["s3"]
    accounts = {name: an_account(name, port) for name in ("root", "writer", "web")}
    for part in ("buckets", "accounts", "attributes"):
        (folder / part).mkdir()
    command = [
        *(program, "--port", f"{HOST}:{port}", "--iam-dir", str(folder / "accounts"), "--quiet"),
        *("posix", "--sidecar", str(folder / "attributes"), str(folder / "buckets")),
    ]
    root = accounts["root"]
    env = {"ROOT_ACCESS_KEY": root.access_key_id, "ROOT_SECRET_KEY": root.secret_access_key}
    with running(command, port=port, log=folder / "versitygw.log", env=env):
        Provisioner(root).provision(writer=accounts["writer"], web=accounts["web"])
        files = {name: write(folder / f"{name}.json", account) for name, account in accounts.items()}
        yield S3(
            root=root,
            writer=accounts["writer"],
            web=accounts["web"],
            writer_file=files["writer"],
            web_file=files["web"],
        )


def an_account(name: str, port: int) -> Account:
    return Account(
        access_key_id=f"platestream-{name}",
        secret_access_key=secrets.token_urlsafe(24),
        endpoint=f"http://{HOST}:{port}",
        region=REGION,
    )


def write(path: Path, account: Account) -> Path:
    path.write_bytes(msgspec.json.encode(account))
    path.chmod(0o600)
    return path
