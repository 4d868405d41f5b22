"""Asking for the owner behind a passage, and what the audit has of it. Nobody is real."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webapp.builders import a_sealed_owner, insert_passage
from tests.webapp.conftest import Portal

REASON = "case 4711/2026, hit and run"
SECRET = ("RAHUL SHARMA", "12 Invented Street")

Line = tuple[str, str, str | None, str | None, list[str]]


def a_passage_with_an_owner(portal: Portal, **columns: Any) -> UUID:
    key = portal.made.owner_key
    assert key is not None
    return insert_passage(portal.connection, **a_sealed_owner(key, "MH12AB1234") | columns)


def ask(client: FlaskClient, event_id: UUID, reason: str | None = REASON) -> TestResponse:
    return client.post(f"/passages/{event_id}/owner", data={} if reason is None else {"reason": reason})


def lines(portal: Portal, event_id: UUID) -> list[Line]:
    """Person, action, reason, query and fields of each."""
    return portal.connection.execute(
        "SELECT user_name, action, reason, query, fields FROM looks WHERE event_id = %s ORDER BY id",
        [event_id],
    ).fetchall()


def shows_an_owner(answer: TestResponse) -> bool:
    return any(word in answer.text for word in SECRET)


def panel(answer: TestResponse) -> str:
    """What the page says of the owner."""
    found = re.search(r'id="owner">(.*?)</section>', answer.text, re.DOTALL)
    return found[1] if found else ""
