"""Uploads while the stream is away, refusals, and what their pages show."""

from __future__ import annotations

import io
from uuid import UUID

import pytest
from PIL import Image
from prometheus_client import REGISTRY

from tests.webapp.builders import a_frame_picture, insert_passage, jpeg, pictures_of
from tests.webapp.conftest import Portal


def upload(portal: Portal, data: bytes, name: str = "car.jpg") -> tuple[int, str, str]:
    answer = portal.user().post("/uploads", data={"picture": (io.BytesIO(data), name)})
    return answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True)


def refused(kind: str) -> float:
    return REGISTRY.get_sample_value("platestream_uploads_refused_total", {"reason": kind}) or 0.0


@pytest.fixture(scope="module")
def kept(portal: Portal) -> UUID:
    """An upload that was stored while the stream was away."""
    status, location, _ = upload(portal, jpeg(a_frame_picture("MH12AB1234")))
    assert status == 302
    return UUID(location.rpartition("/")[2])


def test_a_picture_is_kept_although_the_stream_is_away(portal: Portal, kept: UUID) -> None:
    row = portal.connection.execute(
        "SELECT status, user_name, file_name, width, height FROM uploads WHERE id = %s", [kept]
    ).fetchone()

    assert row == ("received", "asha", "car.jpg", 1280, 720)
    assert portal.made.uploads.read(key=f"uploads/{kept}.jpg") is not None


def test_its_page_names_the_stream_once_it_takes_too_long(portal: Portal, kept: UUID) -> None:
    portal.connection.execute(
        "UPDATE uploads SET created_at = created_at - interval '1 min' WHERE id = %s", [kept]
    )

    page = portal.user().get(f"/uploads/{kept}").get_data(as_text=True)

    assert "The stream (Kafka) is away. The picture is kept" in page
    assert 'hx-trigger="every 5s"' in page


def test_its_result_shows_every_plate_that_was_found(portal: Portal) -> None:
    _, location, _ = upload(portal, jpeg(a_frame_picture("KA05MJ4410")))
    camera = "upload-" + location.rpartition("/")[2]
    for plate in ("KA05MJ4410", "DL3CAY9324"):
        insert_passage(
            portal.connection, plate, camera=camera, origin="upload", **pictures_of(portal.evidence, plate)
        )

    page = portal.user().get(location).get_data(as_text=True)

    assert "2 plates" in page
    assert "KA 05 MJ 4410" in page
    assert "DL 3C AY 9324" in page
    assert "R*H*L S*A*M*" in page
    assert "hx-trigger" not in page


def test_a_picture_without_a_plate_says_so(portal: Portal) -> None:
    _, location, _ = upload(portal, jpeg(a_frame_picture("KA05MJ4410")))
    insert_passage(portal.connection, None, camera="upload-" + location.rpartition("/")[2], origin="upload")

    page = portal.user().get(location).get_data(as_text=True)

    assert "No plate was found." in page
    assert "hx-trigger" not in page


def test_a_preview_is_not_yet_a_result(portal: Portal) -> None:
    _, location, _ = upload(portal, jpeg(a_frame_picture("KA05MJ4410")))
    insert_passage(
        portal.connection, camera="upload-" + location.rpartition("/")[2], origin="upload", state="preview"
    )

    assert "On its way" in portal.user().get(location).get_data(as_text=True)


def test_somebody_else_does_not_see_it(portal: Portal, kept: UUID) -> None:
    other = portal.user("ravi")

    assert other.get(f"/uploads/{kept}").status_code == 404
    assert other.get(f"/uploads/{kept}/picture.jpg").status_code == 404
    assert portal.user().get(f"/uploads/{kept}/picture.jpg").status_code == 200


def fifty_megapixels() -> bytes:
    out = io.BytesIO()
    Image.new("1", (8660, 5780)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "kind", "line"),
    [
        ("notes.jpg", b"this is no picture", "no-picture", "notes.jpg: it is no picture"),
        ("empty.jpg", b"", "empty", "empty.jpg: the file is empty"),
        ("cut.jpg", jpeg(a_frame_picture("MH12AB1234"))[:9000], "damaged", "cut.jpg: the picture is damaged"),
        ("dot.png", jpeg(Image.new("RGB", (20, 20))), "small", "dot.png: 20 × 20 is too small"),
        ("city.jpg", fifty_megapixels(), "pixels", "city.jpg: 8660 × 5780 is 50.1 megapixels"),
        ("../../etc/x.jpg", b"no", "no-picture", "x.jpg: it is no picture"),
        ("page.pdf", b"%PDF-1.7 ...", "no-picture", "page.pdf: a PDF is no picture"),
        ("phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0", "no-picture", "phone.heic: HEIC is not taken"),
    ],
)
def test_what_is_no_usable_picture_is_refused_by_name_and_counted(
    portal: Portal, name: str, data: bytes, kind: str, line: str
) -> None:
    before = refused(kind)
    rows = portal.connection.execute("SELECT count(*) FROM uploads").fetchone()

    status, _, page = upload(portal, data, name)

    assert status == 422
    assert line in page
    assert refused(kind) == before + 1
    assert portal.connection.execute("SELECT count(*) FROM uploads").fetchone() == rows


def test_no_file_at_all_is_asked_for(portal: Portal) -> None:
    answer = portal.user().post("/uploads", data={})

    assert answer.status_code == 400
    assert "Choose a picture first." in answer.get_data(as_text=True)


def test_the_second_field_of_the_form_counts_when_the_first_is_empty(portal: Portal) -> None:
    picture = jpeg(a_frame_picture("MH12AB1234"))
    answer = portal.user().post(
        "/uploads", data={"picture": [(io.BytesIO(b""), ""), (io.BytesIO(picture), "taken.jpg")]}
    )

    assert answer.status_code == 302


def test_far_too_much_is_refused_before_it_is_read(portal: Portal) -> None:
    before = refused("bytes")

    answer = portal.user().post(
        "/uploads",
        data=b"x",
        environ_overrides={"CONTENT_LENGTH": "900000000"},
        content_type="multipart/form-data; boundary=x",
    )

    assert answer.status_code == 413
    assert refused("bytes") == before + 1


def test_what_an_upload_showed_is_for_the_one_who_sent_it(portal: Portal) -> None:
    _, location, _ = upload(portal, jpeg(a_frame_picture("UP32KN2019")))
    event_id = insert_passage(
        portal.connection,
        "UP32KN2019",
        camera="upload-" + location.rpartition("/")[2],
        origin="upload",
        **pictures_of(portal.evidence, "UP32KN2019"),
    )
    owner, other = portal.user(), portal.user("ravi")

    for address, seen in ((f"/passages/{event_id}", 200), (f"/passages/{event_id}/frame.jpg", 200)):
        assert owner.get(address).status_code == seen
        assert other.get(address).status_code == 404
    assert "UP 32 KN 2019" in owner.get("/search?plate=UP32*").get_data(as_text=True)
    assert "UP 32 KN 2019" not in other.get("/search?plate=UP32*").get_data(as_text=True)
