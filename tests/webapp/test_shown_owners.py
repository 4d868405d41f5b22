"""Owners are shown to investigators, for a reason, in one answer; the audit has it."""

from __future__ import annotations

import logging
import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from tests.webapp.asking import REASON, SECRET, a_passage_with_an_owner, ask, lines, panel, shows_an_owner
from tests.webapp.builders import a_sealed_owner, insert_passage
from tests.webapp.conftest import INVESTIGATES, Portal
from webapp.owners import LABELS
from webapp.users import AUDITOR


@pytest.fixture
def event_id(portal: Portal) -> UUID:
    return a_passage_with_an_owner(portal)


def test_an_owner_is_shown_in_this_one_answer_and_written_down_with_the_reason(
    portal: Portal, investigator: FlaskClient, event_id: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    answer = ask(investigator, event_id, f"  {REASON}\r\n")

    assert answer.status_code == 200
    assert all(word in answer.text for word in SECRET)
    assert "MH 12 AB 1234" in answer.text
    assert re.search(rf"This look is recorded: {INVESTIGATES}, .* for “{REASON}”", answer.text)
    assert "no-store" in answer.headers["Cache-Control"]
    with investigator.session_transaction() as session:
        assert not [word for word in (*SECRET, REASON) if word in str(dict(session))]
    assert lines(portal, event_id) == [(INVESTIGATES, "owner", REASON, None, list(LABELS))]
    assert not shows_an_owner(investigator.get(f"/passages/{event_id}"))
    assert not [record for record in caplog.records if any(word in record.getMessage() for word in SECRET)]


def test_an_owner_that_a_simulator_invented_is_called_so(
    portal: Portal, investigator: FlaskClient, event_id: UUID
) -> None:
    real = a_passage_with_an_owner(portal, registry_simulated=False)

    assert panel(ask(investigator, event_id)).count("the owner is invented") == 1
    assert "Simulator" not in ask(investigator, real).text


def test_stars_of_the_registry_are_not_taken_for_ours(
    portal: Portal, investigator: FlaskClient, event_id: UUID
) -> None:
    assert portal.made.owner_key is not None
    starred = a_sealed_owner(portal.made.owner_key, "MH12AB1234", owner="R*H*L S*A*M*")
    of_starred = insert_passage(portal.connection, **starred)

    assert "The stars are the registry’s own" in ask(investigator, of_starred).text
    assert "The stars are the registry’s own" not in ask(investigator, event_id).text


def test_what_a_registry_gave_is_shown_as_text(portal: Portal, investigator: FlaskClient) -> None:
    key = portal.made.owner_key
    assert key is not None
    event_id = insert_passage(
        portal.connection, **a_sealed_owner(key, "MH12AB1234", owner="<script>alert(1)</script>")
    )

    answer = ask(investigator, event_id, "<b>because I may</b>")

    assert "&lt;script&gt;alert(1)" in answer.text
    assert "&lt;b&gt;because" in answer.text
    assert "<script>alert" not in answer.text
    assert "<b>because" not in answer.text


def test_the_form_is_there_for_investigators_alone(
    portal: Portal, investigator: FlaskClient, event_id: UUID
) -> None:
    address = f"/passages/{event_id}"

    assert f'action="{address}/owner#owner"' in investigator.get(address).text
    assert f"{address}/owner" not in portal.user().get(address).text


@pytest.mark.parametrize("reason", [None, "", " \n\t ", "  too short  ", "x" * 501])
def test_a_reason_is_needed_and_has_a_length(
    portal: Portal, investigator: FlaskClient, event_id: UUID, reason: str | None
) -> None:
    answer = ask(investigator, event_id, reason)

    assert answer.status_code == 400
    assert "A reason has 10 to 500 characters" in answer.text
    assert not shows_an_owner(answer)
    assert [line[1] for line in lines(portal, event_id)] == ["passage"]


def test_auditors_find_looks_at_owners_with_their_reasons(
    portal: Portal, investigator: FlaskClient, event_id: UUID
) -> None:
    portal.made.users.set_role(name="asha", role=AUDITOR, given=True)
    ask(investigator, event_id)
    ask(portal.user(), event_id)
    try:
        shown = portal.user().get("/audit?plate=MH12AB1234&action=owner").text
        refused = portal.user().get("/audit?plate=MH12AB1234&action=owner-refused").text
    finally:
        portal.made.users.set_role(name="asha", role=AUDITOR, given=False)

    assert REASON in shown
    assert "unmasked: owner, father, present address, permanent address, mobile, chassis, engine" in shown
    assert "No investigator." in refused
    assert not any(word in shown + refused for word in SECRET)
