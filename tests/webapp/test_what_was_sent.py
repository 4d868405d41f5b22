"""Forms that arrive when the session is over or a part is away: what was typed is not lost without a word."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from contracts.errors import TryAgain
from tests.webapp.builders import a_frame_picture, jpeg
from tests.webapp.conftest import NAME, PASSWORD, Portal


@pytest.fixture
def guarded(portal: Portal) -> Iterator[Portal]:
    """The portal with the tokens that other tests leave out."""
    portal.app.config.update(WTF_CSRF_ENABLED=True)
    yield portal
    portal.app.config.update(WTF_CSRF_ENABLED=False)


@pytest.mark.parametrize(
    "wanted", ["/search?plate=MH12AB123?", "/search?plate=MH12AB123%3F&camera=gate", "/search", "/cameras"]
)
def test_a_search_that_ends_with_a_question_mark_is_the_same_after_signing_in(
    portal: Portal, wanted: str
) -> None:
    asked = portal.visitor().get(wanted).headers["Location"]

    assert parse_qs(urlsplit(asked).query)["next"] == [wanted]


def test_a_picture_that_came_when_the_session_was_over_is_told_and_the_form_is_where_one_gets_to(
    portal: Portal,
) -> None:
    client = portal.visitor()
    picture = io.BytesIO(jpeg(a_frame_picture("MH12AB1234")))

    asked = client.post("/uploads", data={"picture": (picture, "car.jpg")}).headers["Location"]

    assert asked == "/sign-in?next=/uploads"
    assert "What you sent was not taken: you were not signed in any more." in client.get(asked).text


def test_a_sign_in_page_that_was_left_open_over_night_can_still_be_used(guarded: Portal) -> None:
    client = guarded.visitor()
    page = client.get("/sign-in?next=/cameras").text
    client.delete_cookie("platestream")

    def sign_in(page: str) -> str:
        form = dict(re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', page))
        return client.post("/sign-in", data=form | {"name": NAME, "password": PASSWORD}).headers["Location"]

    again = sign_in(page)
    assert again == "/sign-in?next=/cameras"
    page = client.get(again).text

    assert "Sign in once more" in page
    assert sign_in(page) == "/cameras"


@pytest.mark.parametrize("address", ["/uploads", "/sign-in"])
def test_what_was_sent_while_the_database_is_away_is_not_said_to_be_tried_again(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def away(*_: object, **__: object) -> int:
        raise TryAgain("database", "it does not answer")

    client = portal.user()
    forms: dict[str, dict[str, object]] = {
        "/sign-in": {"name": NAME, "password": PASSWORD},
        "/uploads": {"picture": (io.BytesIO(jpeg(a_frame_picture("MH12AB1234"))), "car.jpg")},
    }
    for method in ("run", "all", "one"):
        monkeypatch.setattr(portal.made.database, method, away)

    sent = client.post(address, data=forms[address])
    opened = client.get("/search")

    assert (sent.status_code, opened.status_code) == (503, 503)
    assert "What you sent was not taken. Send it again when it is back." in sent.text
    assert "tries again by itself" not in sent.text
    assert "tries again by itself" in opened.text
