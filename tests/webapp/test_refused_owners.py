"""Who is not shown an owner, and why; the audit has that too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from contracts.errors import TryAgain
from tests.webapp.asking import REASON, a_passage_with_an_owner, ask, lines, panel, shows_an_owner
from tests.webapp.conftest import INVESTIGATES, NAME, Portal
from webapp.security import limiter
from webapp.users import AUDITOR, INVESTIGATOR


@pytest.fixture
def event_id(portal: Portal) -> UUID:
    return a_passage_with_an_owner(portal)


def test_who_is_no_investigator_is_refused_and_that_is_written_down(portal: Portal, event_id: UUID) -> None:
    answer = ask(portal.user(), event_id)

    assert answer.status_code == 403
    assert "They are shown to those who have the role investigator." in answer.text
    assert not shows_an_owner(answer)
    assert lines(portal, event_id) == [(NAME, "owner-refused", None, "No investigator.", [])]


def test_an_auditor_is_no_investigator_and_a_role_ends_at_once(portal: Portal, event_id: UUID) -> None:
    users, client = portal.made.users, portal.user()
    users.set_role(name=NAME, role=AUDITOR, given=True)
    users.set_role(name=NAME, role=INVESTIGATOR, given=True)
    try:
        assert ask(client, event_id).status_code == 200
        users.set_role(name=NAME, role=INVESTIGATOR, given=False)
        assert ask(client, event_id).status_code == 403
    finally:
        users.set_role(name=NAME, role=AUDITOR, given=False)


def test_whose_session_is_over_comes_back_to_the_passage(portal: Portal, event_id: UUID) -> None:
    client = portal.visitor()

    answer = ask(client, event_id)

    assert answer.headers["Location"] == f"/sign-in?next=/passages/{event_id}"
    assert "What you sent was not taken" in client.get(answer.headers["Location"]).text
    assert lines(portal, event_id) == []


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_an_owner_has_no_address_that_could_be_opened(
    investigator: FlaskClient, event_id: UUID, method: str
) -> None:
    assert getattr(investigator, method)(f"/passages/{event_id}/owner?reason={REASON}").status_code == 405


def test_an_owner_of_an_upload_is_shown_to_who_sent_it_alone(
    portal: Portal, investigator: FlaskClient
) -> None:
    of_another = a_passage_with_an_owner(portal, origin="upload", camera=f"upload-{uuid4()}")

    assert ask(investigator, of_another).status_code == 404
    assert ask(investigator, uuid4()).status_code == 404
    assert lines(portal, of_another) == []


@pytest.mark.parametrize(
    ("columns", "status", "told", "actions"),
    [
        ({"registry_status": "not-found"}, 409, "The registry gave no owner: Not in the registry.", []),
        ({"sealed_personal": None}, 409, "The registry gave no owner with its answer.", ["owner"]),
        ({"sealed_personal": b"x" * 60}, 503, "was changed, or belongs to another number.", ["owner"]),
        ({"sealed_key_id": "0123456789ab"}, 503, "sealed with the key 0123456789ab; the portal", ["owner"]),
    ],
    ids=["no answer", "no owner", "changed", "another key"],
)
def test_an_owner_who_cannot_be_shown_is_written_down_with_why(
    portal: Portal,
    investigator: FlaskClient,
    columns: dict[str, Any],
    status: int,
    told: str,
    actions: list[str],
) -> None:
    event_id = a_passage_with_an_owner(portal, **columns)

    answer = ask(investigator, event_id)

    assert answer.status_code == status
    assert told in panel(answer)
    assert "That you asked is recorded." in panel(answer)
    *before, last = lines(portal, event_id)
    assert [line[1] for line in before] == actions
    assert last[:3] == (INVESTIGATES, "owner-refused", REASON)
    assert told in (last[3] or "")


@pytest.fixture
def _without_key(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(portal.app.extensions, "platestream", replace(portal.made, owner_key=None))


@pytest.mark.usefixtures("_without_key")
def test_a_portal_without_the_key_offers_no_form_and_shows_nobody(
    portal: Portal, investigator: FlaskClient, event_id: UUID
) -> None:
    page = investigator.get(f"/passages/{event_id}")
    answer = ask(investigator, event_id)

    assert "The portal has no key of owner data (PLATESTREAM_OWNER_KEY_FILE)." in panel(page)
    assert "<form" not in panel(page)
    assert answer.status_code == 503
    assert [line[1] for line in lines(portal, event_id)] == ["passage", "owner-refused"]


def test_no_owner_is_shown_when_the_look_cannot_be_written_down(
    portal: Portal, investigator: FlaskClient, event_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = portal.made.database.one

    def away(kind: type[object], query: str, values: dict[str, object]) -> object:
        if "look_at_owner" in query:
            raise TryAgain("database", "it does not answer")
        return whole(kind, query, values)

    monkeypatch.setattr(portal.made.database, "one", away)

    answer = ask(investigator, event_id)

    assert answer.status_code == 503
    assert "What you sent was not taken" in answer.text
    assert not shows_an_owner(answer)


@pytest.fixture
def _limited(portal: Portal) -> Iterator[None]:
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.enabled = False
    limiter.reset()


@pytest.mark.usefixtures("_limited")
@pytest.mark.parametrize("role", [True, False], ids=["investigator", "nobody"])
def test_owners_cannot_be_gone_through_one_after_the_other(
    portal: Portal, investigator: FlaskClient, event_id: UUID, role: bool
) -> None:
    client = investigator if role else portal.user()

    answers = [ask(client, event_id).status_code for _ in range(12)]

    assert answers == [200 if role else 403] * 10 + [429] * 2
    assert len(lines(portal, event_id)) == 10
