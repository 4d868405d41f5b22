"""The lines of the audit as a file: all that is found, to auditors alone, itself in the audit."""

from __future__ import annotations

import csv
import io
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from tests.webapp.builders import insert, insert_passage
from tests.webapp.conftest import NAME, Portal
from webapp import csv_file
from webapp.users import AUDITOR

FILE = "/audit/lines.csv"
AUDITS = "ravi"


@pytest.fixture(scope="module")
def auditor(portal: Portal) -> FlaskClient:
    portal.made.users.set_role(name=AUDITS, role=AUDITOR, given=True)
    return portal.user(AUDITS)


@pytest.fixture
def _small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "BATCH", 3)
    monkeypatch.setattr(csv_file, "BATCHES", 2)


def exported(client: FlaskClient, query: str) -> list[dict[str, str]]:
    answer = client.get(f"{FILE}?{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-')
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))


def look(portal: Portal, person: str, action: str, **columns: object) -> None:
    row = {"user_name": person, "action": action, "from_address": "10.0.0.7"} | columns
    insert(portal.connection, "looks", row)


def test_a_file_tells_of_looks_at_owners_with_their_reasons(portal: Portal, auditor: FlaskClient) -> None:
    event_id = insert_passage(portal.connection, "MH12AB1234", owner_masked="R*H*L S*A*M*")
    why, at = "=theft, case 7", "2026-11-23T06:31Z"
    look(portal, "meera", "owner", event_id=event_id, reason=why, fields=["owner", "mobile"], at=at)

    answer = auditor.get(f"{FILE}?person=meera").text
    (line,) = exported(auditor, "person=meera&action=owner")

    assert line == {
        "at": "2026-11-23T12:01:00.000+05:30",
        "person": "meera",
        "action": "owner",
        "event_id": str(event_id),
        "plate": "MH12AB1234",
        "query": "",
        "reason": "'=theft, case 7",
        "unmasked": "owner, mobile",
        "from_address": "10.0.0.7",
    }
    assert "R*H*L" not in answer


@pytest.mark.usefixtures("_small_files")
def test_a_file_that_was_cut_says_so_and_where_it_goes_on(portal: Portal, auditor: FlaskClient) -> None:
    for number in range(7):
        look(portal, "many", "search", query=f"plate=MH{number}")

    *found, end = exported(auditor, "person=many")
    told, _, address = end["at"].rpartition(" ")
    found += exported(auditor, urlsplit(address).query)

    assert told == "CUT: there are more. A file holds 6 lines; the next:"
    assert urlsplit(address).path == FILE
    assert [line["query"] for line in found] == [f"plate=MH{number}" for number in range(6, -1, -1)]


def test_whoever_exports_lines_is_one_of_them(auditor: FlaskClient) -> None:
    newest, *_ = exported(auditor, "person=ravi&plate=mh12*&x=1")

    assert (newest["person"], newest["action"], newest["query"]) == (
        AUDITS,
        "audit-export",
        "person=ravi&plate=MH12*",
    )


def test_nobody_else_gets_it_and_a_stranger_comes_back_to_the_page(portal: Portal) -> None:
    assert portal.user(NAME).get(FILE).status_code == 403
    location = portal.visitor().get(f"{FILE}?person=asha").headers["Location"]
    assert location == "/sign-in?next=/audit?person%3Dasha"


def test_the_page_leads_to_the_file_of_what_it_shows(auditor: FlaskClient) -> None:
    assert f'href="{FILE}?person=ravi"' in auditor.get("/audit?person=ravi&x=1").text
    assert auditor.get(f"{FILE}?action=stare").status_code == 400
