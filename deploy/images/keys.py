"""The secrets of a compose installation: one folder for each who may know them. Run once before everything.

    python -m deploy.images.keys /keys     makes /keys/{postgres,s3,setup,processors,owner,registry,web}/…

Existing files are kept. Each folder is a volume that only its containers mount.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import msgspec

from deploy.local.keys import OWNER_KEY, REGISTRY_KEY, SESSION_KEY, make_keys, write_once
from deploy.local.sign_in import ensure_sign_in
from deploy.object_store.provision import Account

ENDPOINT, REGION = "http://s3:7070", "us-east-1"
SERVER = "postgres:5432:*"
OWNER = "platestream"
LOGINS = {"processors": "rows_login", "web": "portal_login"}
SECRET_BYTES = 24


def make_all(root: Path) -> None:
    """Everything, and the first sign-in of the portal: into its folder, into no log."""
    owner = password_in(root / "postgres" / "password")
    setup = root / "setup"
    setup.mkdir(parents=True, exist_ok=True)
    lines = {OWNER: owner}
    for audience, login in LOGINS.items():
        lines[login] = password_in(setup / f"{login}.password")
        (root / audience).mkdir(parents=True, exist_ok=True)
        write_once(root / audience / "pgpass", f"{SERVER}:{login}:{lines[login]}\n")
    write_once(setup / "pgpass", f"{SERVER}:{OWNER}:{owner}\n")
    write_once(setup / "logins.json", msgspec.json.encode(lines).decode())
    make_accounts(root)
    make_owner_key(root)
    make_keys(root / "registry", (REGISTRY_KEY,))
    make_keys(root / "web", (SESSION_KEY,))
    ensure_sign_in(root / "web")


def make_owner_key(root: Path) -> None:
    """For the process that seals with it and the one that opens. What was sealed opens with no other: a key
    that an earlier release made for all stages stays the key."""
    before = root / "processors" / OWNER_KEY
    if before.exists():
        (root / "owner").mkdir(exist_ok=True)
        write_once(root / "owner" / OWNER_KEY, before.read_text())
    make_keys(root / "owner", (OWNER_KEY,))


def make_accounts(root: Path) -> None:
    """Accounts of the S3 server: its root's for setting up, one each for who writes and who shows."""
    for name, places in (
        ("root", ("setup", "s3")),
        ("evidence-writer", ("setup", "processors")),
        ("web", ("setup", "web")),
    ):
        first = root / places[0] / f"{name}.json"
        account = Account(
            access_key_id=f"platestream-{name}",
            secret_access_key=secrets.token_urlsafe(SECRET_BYTES),
            endpoint=ENDPOINT,
            region=REGION,
        )
        write_once(first, msgspec.json.encode(account).decode())
        (root / places[1]).mkdir(exist_ok=True)
        write_once(root / places[1] / f"{name}.json", first.read_text())
    server = Account.from_file(root / "s3" / "root.json")
    write_once(root / "s3" / "secret", server.secret_access_key)


def password_in(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_once(path, secrets.token_urlsafe(SECRET_BYTES))
    return path.read_text()


def main(root: Path) -> int:
    os.umask(0o077)
    make_all(root)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
