"""Headers, form tokens, rates: what stands in front of every page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.webapp.conftest import NAME, PASSWORD, Portal


@pytest.fixture
def guarded(portal: Portal) -> Iterator[Portal]:
    """The portal with the guards that other tests leave out."""
    portal.app.config.update(WTF_CSRF_ENABLED=True)
    yield portal
    portal.app.config.update(WTF_CSRF_ENABLED=False)


def test_scripts_and_styles_come_from_the_portal_alone(portal: Portal) -> None:
    headers = portal.visitor().get("/sign-in").headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-store"


def test_no_page_has_a_script_or_a_style_in_it(portal: Portal) -> None:
    client = portal.user()

    for address in ("/", "/search", "/uploads", "/cameras"):
        page = client.get(address).get_data(as_text=True)
        assert "<script>" not in page
        assert "style=" not in page
        assert " onclick=" not in page


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(portal: Portal) -> None:
    answer = portal.visitor().post("/sign-in", data={"name": NAME, "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("address", ["/sign-in", "/sign-out", "/uploads"])
def test_a_form_without_its_token_is_refused(guarded: Portal, address: str) -> None:
    answer = guarded.visitor().post(address, data={"name": NAME, "password": PASSWORD})

    assert answer.status_code in {302, 403}
    assert guarded.visitor().get("/").status_code == 302


def test_a_signed_in_user_cannot_be_made_to_upload_by_another_site(portal: Portal) -> None:
    client = portal.user()
    portal.app.config.update(WTF_CSRF_ENABLED=True)
    try:
        answer = client.post("/uploads", data={})
    finally:
        portal.app.config.update(WTF_CSRF_ENABLED=False)

    assert answer.status_code == 403
    assert "The form is too old" in answer.get_data(as_text=True)


def test_an_unknown_address_is_a_page_of_its_own(portal: Portal) -> None:
    answer = portal.user().get("/nothing/here")

    assert answer.status_code == 404
    assert "There is nothing here" in answer.get_data(as_text=True)


def test_only_known_library_files_are_served(portal: Portal) -> None:
    client = portal.visitor()

    with client.get("/vendor/htmx.js") as answer:
        assert answer.status_code == 200
    assert client.get("/vendor/package.json").status_code == 404
    assert client.get("/vendor/..%2f..%2fpackage.json").status_code in {302, 404}


def test_what_is_away_is_named_and_the_page_tries_again(portal: Portal) -> None:
    health = portal.visitor().get("/healthz")

    assert health.status_code == 503
    assert health.get_data(as_text=True) == "away\n"
