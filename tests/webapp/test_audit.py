"""The page of the audit: open to auditors alone, itself in the audit, and found by person, plate and time."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from tests.webapp.builders import insert, insert_passage
from tests.webapp.conftest import NAME, Portal
from webapp.users import AUDITOR

AUDITS = "ravi"


@pytest.fixture(scope="module")
def auditor(portal: Portal) -> FlaskClient:
    portal.made.users.set_role(name=AUDITS, role=AUDITOR, given=True)
    return portal.user(AUDITS)


def look(portal: Portal, user_name: str, action: str, **columns: object) -> int:
    """A line; its number."""
    row = {"user_name": user_name, "action": action, "from_address": "10.0.0.7"} | columns
    insert(portal.connection, "looks", row)
    (last,) = portal.connection.execute("SELECT max(id) FROM looks").fetchone() or (0,)
    return int(last)


def shown(client: FlaskClient, query: str) -> list[int]:
    answer = client.get(f"/audit?{query}")
    assert answer.status_code == 200
    return [int(number) for number in re.findall(r'id="look-(\d+)"', answer.text)]


def row(client: FlaskClient, number: int, query: str) -> str:
    """A line's words."""
    page = client.get(f"/audit?{query}").text
    found = re.search(rf'id="look-{number}">(.*?)</tr>', page, re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", found[1])).strip()


def lines(portal: Portal, action: str) -> list[tuple[str, str]]:
    return portal.connection.execute(
        "SELECT user_name, query FROM looks WHERE action = %s ORDER BY id", [action]
    ).fetchall()


@pytest.mark.parametrize("address", ["/audit", "/audit?person=asha", "/audit?from=nonsense"])
def test_it_is_open_to_nobody_without_the_role(portal: Portal, address: str) -> None:
    client, before = portal.user(), lines(portal, "audit")

    answer = client.get(address)

    assert answer.status_code == 403
    assert "<table" not in answer.text
    assert 'href="/audit"' not in client.get("/cameras").text
    assert lines(portal, "audit") == before
    assert portal.visitor().get(address).status_code == 302


def test_who_is_no_auditor_any_more_sees_it_no_more(portal: Portal, auditor: FlaskClient) -> None:
    assert auditor.get("/audit").status_code == 200
    portal.made.users.set_role(name=AUDITS, role=AUDITOR, given=False)
    try:
        assert auditor.get("/audit").status_code == 403
    finally:
        portal.made.users.set_role(name=AUDITS, role=AUDITOR, given=True)


def test_a_look_at_it_is_its_newest_line(portal: Portal, auditor: FlaskClient) -> None:
    newest = shown(auditor, "person=asha&plate=mh12*&x=1")

    assert lines(portal, "audit")[-1] == (AUDITS, "person=asha&plate=MH12*")
    assert newest == shown(auditor, "person=asha&plate=mh12*&x=1")
    assert row(auditor, shown(auditor, "")[0], "").endswith("ravi Audit everything – 127.0.0.1")


def test_nothing_is_shown_when_the_look_cannot_be_written_down(portal: Portal, auditor: FlaskClient) -> None:
    portal.connection.execute("ALTER TABLE looks RENAME TO is_away")
    try:
        answer = auditor.get("/audit")
    finally:
        portal.connection.execute("ALTER TABLE is_away RENAME TO looks")

    assert answer.status_code == 503


def test_a_line_tells_who_what_why_and_from_where(portal: Portal, auditor: FlaskClient) -> None:
    event_id = insert_passage(portal.connection, "MH12AB1234", owner_masked="R*H*L S*A*M*")
    of_owner = look(
        portal, "meera", "owner", event_id=event_id, reason="theft, case <7>", fields=["name", "address"]
    )
    picture = look(portal, "meera", "picture", event_id=event_id, query="frame")
    search = look(
        portal, "meera", "search", query="plate=MH12*&from=2026-11-23T06:30:00%2B00:00&candidates=1"
    )
    gone = look(portal, "meera", "passage", event_id=UUID(int=7), from_address=None)

    told = row(auditor, of_owner, "person=meera")
    assert told.endswith(
        "meera Owner data MH 12 AB 1234 unmasked: name, address theft, case &lt;7&gt; 10.0.0.7"
    )
    assert row(auditor, picture, "person=meera").endswith("Picture MH 12 AB 1234 frame – 10.0.0.7")
    assert "plate MH12* · from 23 Nov 2026 12:00:00 · other readings too" in row(
        auditor, search, "person=meera"
    )
    assert f"{UUID(int=7)} no longer kept – –" in row(auditor, gone, "person=meera")
    page = auditor.get("/audit?person=meera").text
    assert f'href="/passages/{event_id}"' in page
    assert 'href="/search?plate=MH12*&amp;from=2026-11-23T06:30:00%2B00:00&amp;candidates=1"' in page
    assert "R*H*L" not in page


def test_an_upload_of_somebody_else_is_told_but_not_opened(portal: Portal, auditor: FlaskClient) -> None:
    upload_id = uuid4()
    columns = {"id": upload_id, "user_name": NAME, "object_key": "k", "sha256": "s", "file_name": "a.jpg"}
    insert(portal.connection, "uploads", columns | {"bytes": 1, "width": 1, "height": 1})
    event_id = insert_passage(portal.connection, "MH14UP0001", origin="upload", camera=f"upload-{upload_id}")
    number = look(portal, NAME, "upload", event_id=event_id)

    assert "MH 14 UP 0001 of an upload" in row(auditor, number, "plate=MH14UP0001")
    assert f"/passages/{event_id}" not in auditor.get("/audit?plate=MH14UP0001").text


@pytest.fixture(scope="module")
def about(portal: Portal) -> dict[str, int]:
    """Lines of one who is looked for by plate; by what they are."""
    event_id = insert_passage(portal.connection, "KA05MJ4410")
    other = insert_passage(portal.connection, "KA05MJ4411")
    queries = {
        "named": "plate=KA05MJ4410",
        "named further": "plate=KA05MJ4410&camera=gate&before=x",
        "of it by an auditor": "person=asha&plate=KA05MJ4410",
        "begins": "plate=KA05*&vehicle=car",
        "one unknown": "plate=KA05MJ441?",
        "ends otherwise": "plate=KA05*1",
        "other": "plate=KA05MJ4411",
        "other pattern": "plate=KA05M?441",
        "all": "camera=gate",
        "an old line": "plate=KA05%255C&x=\\",
    }
    made = {name: look(portal, "dev", "search", query=query) for name, query in queries.items()}
    made["seen"] = look(portal, "dev", "passage", event_id=event_id)
    made["other seen"] = look(portal, "dev", "passage", event_id=other)
    return made


@pytest.mark.parametrize(
    ("plate", "names"),
    [
        (
            "ka 05 mj-4410",
            {"named", "named further", "of it by an auditor", "begins", "one unknown", "seen"},
        ),
        ("KA05MJ441*", {"named", "named further", "of it by an auditor", "begins", "one unknown", "other",
                        "seen", "other seen"}),
        ("*4411", {"other", "other seen"}),
        ("ZZ*", set()),
    ],
)  # fmt: skip
def test_a_plate_finds_looks_at_it_and_searches_that_would_have_found_it(
    auditor: FlaskClient, about: dict[str, int], plate: str, names: set[str]
) -> None:
    found = shown(auditor, f"person=dev&plate={plate}")

    assert {name for name, number in about.items() if number in found} == names


def test_persons_kinds_and_times_are_found(portal: Portal, auditor: FlaskClient) -> None:
    numbers = {
        minute: look(
            portal, "kiran", "export" if minute % 2 else "search", query="", at=f"2026-11-20T06:{minute}Z"
        )
        for minute in (30, 31, 32)
    }

    assert shown(auditor, "person=kiran") == [numbers[32], numbers[31], numbers[30]]
    assert shown(auditor, "person= Kiran &action=export") == [numbers[31]]
    assert shown(auditor, "from=2026-11-20T12:01&to=2026-11-20T12:02&person=kiran") == [numbers[31]]
    assert shown(auditor, "person=kira") == []


def test_older_lines_follow_without_gap_or_repeat(portal: Portal, auditor: FlaskClient) -> None:
    made = [
        look(portal, "many", "search", query="plate=MH12*", at=f"2026-11-19T06:00:{number // 9:02}Z")
        for number in range(120)
    ]
    address, found = "/audit?person=many&plate=MH12AB*", []
    while address:
        page = auditor.get(address).text
        found += [int(number) for number in re.findall(r'id="look-(\d+)"', page)]
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older[1].replace("&amp;", "&") if older else ""

    assert found == sorted(made, reverse=True)
    assert lines(portal, "audit")[-1][1].startswith("person=many&plate=MH12AB*&before=2026-11-19T")


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("plate=MH12'", "Letters, digits, * and ? only"),
        ("person=<b>", "Nobody can have this name."),
        ("action=stare", "One of search, export, passage"),
        ("from=yesterday", "This is no date and time."),
        ("before=2026-11-19T06:00:00Z_x", "The link to this page of lines is broken."),
        (f"before=2026-11-19T06:00:00Z_{2**63}", "The link to this page of lines is broken."),
    ],
)
def test_what_cannot_be_understood_is_told_and_shows_nothing(
    auditor: FlaskClient, query: str, line: str
) -> None:
    answer = auditor.get(f"/audit?{query}")

    assert answer.status_code == 400
    assert line in answer.text
    assert "<table" not in answer.text


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written_there(auditor: FlaskClient, method: str) -> None:
    assert getattr(auditor, method)("/audit").status_code == 405


def test_the_page_is_found_from_every_other_and_has_no_script_in_it(auditor: FlaskClient) -> None:
    page = auditor.get("/audit").text

    assert 'href="/audit" aria-current="page"' in page
    assert not [odd for odd in ("<script>", "style=", " onclick=") if odd in page]
    assert auditor.get("/audit", headers={"HX-Target": "results"}).text.count("<html") == 0
