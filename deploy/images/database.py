"""Brings the compose installation's database to this version's schema and gives the services their logins."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import msgspec
import psycopg
from psycopg import sql

from contracts.errors import Stop, TryAgain
from deploy.images.keys import LOGINS
from deploy.migrate import migrate

log = logging.getLogger(__name__)

ROLES = {"rows_login": "platestream_writer", "portal_login": "platestream_portal"}
"""Login -> the role whose rights it has; the schema makes the roles."""


def give_logins(uri: str, passwords: dict[str, str]) -> None:
    """Each login exists with its password and its one role."""
    with psycopg.connect(uri) as connection:
        for login in LOGINS.values():
            name = sql.Identifier(login)
            known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (login,)).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE ROLE {}").format(name))
            password = sql.Literal(passwords[login])
            connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(name, password))
            connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(ROLES[login]), name))


def main(logins: Path, uri: str) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        applied = migrate(uri)
    except (Stop, TryAgain) as error:
        log.error("%s", error)  # noqa: TRY400 (one line for people; the cause is in it)
        return 1
    give_logins(uri, msgspec.json.decode(logins.read_bytes(), type=dict[str, str]))
    log.info("migrations applied: %s", ", ".join(applied) or "none, all were there")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), os.environ["PLATESTREAM_DATABASE"]))
