"""A portal over a real, migrated database, drawn evidence in a folder, and no Kafka unless asked for."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from deploy.local.keys import OWNER_KEY, make_keys
from deploy.local.ports import HOST, free_ports
from deploy.migrate import migrate
from tests.webapp.builders import EvidenceFolder
from webapp.app import create_app
from webapp.parts import Parts, make_parts
from webapp.security import limiter
from webapp.settings import Address, Settings
from webapp.users import INVESTIGATOR, UsersFile

NAME, INVESTIGATES = "asha", "ravi"
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Portal:
    """The application, and what stands behind it."""

    app: Flask
    made: Parts
    settings: Settings
    connection: psycopg.Connection[Any]
    evidence: EvidenceFolder

    def visitor(self) -> FlaskClient:
        """Somebody who is not signed in."""
        return self.app.test_client()

    def user(self, name: str = NAME) -> FlaskClient:
        """Somebody who is signed in."""
        client = self.visitor()
        answer = client.post("/sign-in", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return client


def a_free_port() -> int:
    return free_ports(["webapp"])["webapp"]


def settings_in(folder: Path, *, database_uri: str, kafka_address: str) -> Settings:
    secrets_folder = folder / "secrets"
    secrets_folder.mkdir(parents=True, exist_ok=True)
    (secrets_folder / "session.key").write_text(secrets.token_hex(32))
    make_keys(secrets_folder, (OWNER_KEY,))
    for name in (NAME, INVESTIGATES):
        UsersFile(secrets_folder / "users.json").set_password(
            name=name, password=PASSWORD, now=datetime.now(UTC)
        )
    return Settings(
        http=Address(HOST, a_free_port()),
        # By the portal's own role, as in every stack: what it may not, no test lets it do.
        database=f"{database_uri}?options=-c%20role%3Dplatestream_portal",
        kafka=kafka_address,
        evidence=(folder / "evidence").as_uri(),
        uploads=(folder / "uploads").as_uri(),
        secrets=secrets_folder,
        owner_key_file=secrets_folder / OWNER_KEY,
    )


def portal_with(settings: Settings, connection: psycopg.Connection[Any]) -> Portal:
    made = make_parts(settings)
    app = create_app(settings, made=made)
    app.config.update(WTF_CSRF_ENABLED=False, TESTING=True)
    limiter.enabled = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    evidence = EvidenceFolder(Path(settings.evidence.removeprefix("file://")))
    return Portal(app, made, settings, connection, evidence)


@pytest.fixture(scope="module")
def portal(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One portal a test file. Its Kafka address answers nobody."""
    migrate(database)
    folder = tmp_path_factory.mktemp("portal")
    settings = settings_in(folder, database_uri=database, kafka_address=f"{HOST}:{a_free_port()}")
    with psycopg.connect(database, autocommit=True) as connection:
        made = portal_with(settings, connection)
        yield made
        made.made.database.close()


@pytest.fixture(scope="module")
def investigator(portal: Portal) -> FlaskClient:
    """Somebody who may see owners."""
    portal.made.users.set_role(name=INVESTIGATES, role=INVESTIGATOR, given=True)
    return portal.user(INVESTIGATES)
