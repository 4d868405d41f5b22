"""Who gets in, who does not, and what a session is worth after that."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.errors import TryAgain
from tests.webapp.conftest import NAME, PASSWORD, Portal

CLOSED = [
    "/",
    "/live",
    "/search",
    "/uploads",
    "/cameras",
    "/cameras/gate/frame.jpg",
    "/passages/00000000-0000-4000-8000-000000000000",
    "/passages/00000000-0000-4000-8000-000000000000/frame.jpg",
    "/uploads/00000000-0000-4000-8000-000000000000/picture.jpg",
    "/no/such/page",
]


@pytest.mark.parametrize("address", CLOSED)
def test_a_visitor_is_sent_to_the_sign_in_page_from_everywhere(portal: Portal, address: str) -> None:
    answer = portal.visitor().get(address)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


def test_every_page_that_is_open_to_visitors_is_known_here(portal: Portal) -> None:
    open_to_all = {
        rule.endpoint
        for rule in portal.app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and not rule.arguments
        if portal.visitor().get(rule.rule).status_code not in {302, 401}
    }

    assert open_to_all == {"sign_in.form", "health.healthz"}


def test_name_and_password_open_the_board(portal: Portal) -> None:
    client = portal.visitor()

    answer = client.post("/sign-in", data={"name": " Asha ", "password": PASSWORD})

    assert answer.headers["Location"] == "/"
    assert "Live board" in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize(("name", "password"), [(NAME, "wrong password"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(
    portal: Portal, name: str, password: str
) -> None:
    answer = portal.visitor().post("/sign-in", data={"name": name, "password": password})

    assert answer.status_code == 401
    assert "do not belong together" in answer.get_data(as_text=True)


def test_after_signing_in_one_goes_where_one_wanted(portal: Portal) -> None:
    client = portal.visitor()
    asked = client.get("/search?plate=MH12*")
    assert asked.headers["Location"] == "/sign-in?next=/search?plate%3DMH12*"

    answer = client.post("/sign-in", data={"name": NAME, "password": PASSWORD, "next": "/search?plate=MH12*"})

    assert answer.headers["Location"] == "/search?plate=MH12*"


def test_a_window_that_asks_for_a_sign_in_goes_on_when_one_signed_in_in_another(portal: Portal) -> None:
    client = portal.user()

    assert client.get("/sign-in?next=/search?plate%3DMH12*").headers["Location"] == "/search?plate=MH12*"
    assert client.get("/sign-in?next=//evil.example").headers["Location"] == "/"
    assert client.get("/sign-in").headers["Location"] == "/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "data:x"])
def test_nobody_is_sent_to_another_site(portal: Portal, target: str) -> None:
    answer = portal.visitor().post("/sign-in", data={"name": NAME, "password": PASSWORD, "next": target})

    assert answer.headers["Location"] == "/"


def test_a_new_password_ends_the_sessions_with_the_old_one(portal: Portal) -> None:
    portal.made.users.set_password(name="mina", password=PASSWORD, now=datetime.now(UTC))
    client = portal.user("mina")
    assert client.get("/search").status_code == 200

    portal.made.users.set_password(name="mina", password="another password", now=datetime.now(UTC))

    assert client.get("/search").status_code == 302


def test_signing_out_ends_the_session(portal: Portal) -> None:
    client = portal.user()

    client.post("/sign-out")

    assert client.get("/").status_code == 302


def test_htmx_is_told_to_leave_the_page_when_the_session_is_over(portal: Portal) -> None:
    answer = portal.visitor().get("/cameras", headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/sign-in")


def everything_noted(portal: Portal) -> list[tuple[str, ...]]:
    return portal.connection.execute(
        "SELECT user_name, action, from_address, query, reason FROM looks ORDER BY id"
    ).fetchall()


@pytest.mark.parametrize(
    ("name", "password", "line"),
    [
        (" Asha ", PASSWORD, (NAME, "sign-in", "127.0.0.1", None, None)),
        (NAME, "wrong password", (NAME, "sign-in-refused", "127.0.0.1", None, None)),
        # Typed into the wrong field.
        ("my secret", NAME, ("(no user)", "sign-in-refused", "127.0.0.1", None, None)),
    ],
)
def test_who_came_in_and_who_was_refused_is_written_down(
    portal: Portal, name: str, password: str, line: tuple[str, ...]
) -> None:
    before = len(everything_noted(portal))

    portal.visitor().post("/sign-in", data={"name": name, "password": password})

    assert everything_noted(portal)[before:] == [line]


def test_nobody_comes_in_when_it_cannot_be_written_down(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> int:
        raise TryAgain("database", "it does not answer")

    client = portal.visitor()
    with monkeypatch.context() as patch:
        patch.setattr(portal.made.database, "run", away)
        answer = client.post("/sign-in", data={"name": NAME, "password": PASSWORD})

    assert answer.status_code == 503
    assert "The database is away" in answer.get_data(as_text=True)
    assert client.get("/").status_code == 302
