"""Headers, form tokens, rates: what stands in front of every page."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from tests.webapp.builders import a_frame_picture, jpeg
from tests.webapp.conftest import NAME, PASSWORD, Portal

OWNER = "/passages/5b3f7d0c-8f2e-5a51-9d8e-0c6a1a2b3c4d/owner"


class Watched(io.BytesIO):
    """A request's body that knows how much of it was read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data

    def readinto(self, buffer: object, /) -> int:
        data = self.read(len(buffer))  # type: ignore[arg-type]
        memoryview(buffer)[: len(data)] = data  # type: ignore[arg-type]
        return len(data)


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


@pytest.mark.parametrize("address", ["/sign-in", "/sign-out", "/uploads", OWNER])
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


@pytest.mark.parametrize("address", ["/uploads", "/sign-out", OWNER, "/search", "/no/such/page"])
def test_nothing_that_a_stranger_sends_is_read(guarded: Portal, address: str) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="picture"; filename="car.jpg"\r\n\r\n%b\r\n--x--\r\n'
    body = Watched(part % (b"x" * 5_000_000))

    answer = guarded.visitor().post(
        address,
        input_stream=body,
        content_length=len(body.getvalue()),
        content_type="multipart/form-data; boundary=x",
    )

    assert answer.status_code == 302
    assert body.taken == 0


def test_a_sign_in_is_short(guarded: Portal) -> None:
    answer = guarded.visitor().post("/sign-in", data={"name": NAME, "password": "x" * 20_000})

    assert answer.status_code == 413


def test_only_the_page_for_uploads_takes_much(portal: Portal) -> None:
    client = portal.user()
    picture = jpeg(a_frame_picture("MH12AB1234"))
    assert len(picture) > 16 * 1024
    portal.app.config.update(WTF_CSRF_ENABLED=True)
    try:
        elsewhere = client.post("/sign-out", data={"picture": (io.BytesIO(picture), "car.jpg")})
        uploaded = client.post("/uploads", data={"picture": (io.BytesIO(picture), "car.jpg")})
    finally:
        portal.app.config.update(WTF_CSRF_ENABLED=False)

    assert elsewhere.status_code == 413
    assert uploaded.status_code == 403
