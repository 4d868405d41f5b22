"""The page of one passage, and its pictures."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec
import pytest
from psycopg.types.json import Jsonb

from contracts.errors import TryAgain
from contracts.messages.plate import Crossing, Movement
from tests.webapp.builders import a_plate_picture, insert_camera, insert_passage, jpeg, pictures_of
from tests.webapp.conftest import Portal


def page_of(portal: Portal, text: str | None = "MH12AB1234", **columns: object) -> str:
    event_id = insert_passage(portal.connection, text, **columns)
    answer = portal.user().get(f"/passages/{event_id}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_every_character_is_there_with_its_confidence_and_its_box(portal: Portal) -> None:
    page = page_of(portal, **pictures_of(portal.evidence, "MH12AB1234"))

    assert page.count('<b class="glyph number">') == 10
    assert page.count('<g class="character"') == 10
    assert "62.0 %" in page
    assert "<b>7</b> 31.0 %" in page
    assert 'points="560.0,470.0 720.0,470.0 720.0,508.0 560.0,508.0"' in page


def test_its_times_stand_in_its_cameras_zone_beside_utc(portal: Portal) -> None:
    seen_at = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    insert_camera(portal.connection, "creek", now=seen_at, time_zone="Asia/Dubai")

    page = page_of(portal, camera="creek", best_captured_at=seen_at)

    assert "UTC+04, 24 Nov 2026 · " in page
    assert '<span class="num">20:00:00</span> UTC' in page


def test_how_the_vehicle_moved_is_told_where_its_camera_says_something_of_it(portal: Portal) -> None:
    crossing = Crossing(
        line="stop <line>", captured_at=datetime(2026, 11, 23, 6, 30, 1, tzinfo=UTC), to="left"
    )
    moved = Movement(zones=("lane 1", "lane 2"), crossings=(crossing,), speed="slow")

    page = page_of(portal, event=Jsonb({"movement": msgspec.to_builtins(moved)}))

    assert "lane 1, lane 2" in page
    assert "slow (5 to 20 km/h)" in page
    assert "stop &lt;line&gt;" in page
    assert "<dt>Speed</dt>" not in page_of(portal)


def test_the_owner_is_masked_and_a_simulator_is_called_one(portal: Portal) -> None:
    page = page_of(portal)

    assert "R*H*L S*A*M*" in page
    assert "Simulator" in page
    assert "Maruti Suzuki Swift VXI" in page


def test_an_answer_of_a_real_registry_is_not_called_simulated(portal: Portal) -> None:
    assert "Simulator" not in page_of(portal, registry_simulated=False)


def test_what_the_registry_did_not_say_is_not_shown_as_clear(portal: Portal) -> None:
    assert "the registry does not say" in page_of(portal)


def test_a_passage_of_which_little_is_known_still_has_a_page(portal: Portal) -> None:
    page = page_of(
        portal,
        None,
        vehicle_class=None,
        vehicle_xyxy=None,
        vehicle_confidence=None,
        registry_status="skipped",
        vehicle_record=None,
        owner_masked=None,
        registry_asked_at=None,
        frame_position=None,
    )

    assert "no plate read" in page
    assert "The frame that was read is not kept for this passage." in page


def test_a_look_at_a_passage_is_written_down_first(portal: Portal) -> None:
    event_id = insert_passage(portal.connection)

    portal.user().get(f"/passages/{event_id}")

    line = portal.connection.execute(
        "SELECT user_name, action FROM looks WHERE event_id = %s", [event_id]
    ).fetchone()
    assert line == ("asha", "passage")


def test_text_from_the_registry_is_shown_as_text(portal: Portal) -> None:
    page = page_of(portal, owner_masked="<script>alert(1)</script>", place="<b>gate")

    assert "<script>alert" not in page
    assert "<b>gate" not in page


def test_an_unknown_passage_is_not_found(portal: Portal) -> None:
    assert portal.user().get(f"/passages/{uuid4()}").status_code == 404
    assert portal.user().get("/passages/1234").status_code == 404


@pytest.mark.parametrize("kind", ["frame", "vehicle", "plate", "thumbnail"])
def test_pictures_come_as_they_were_stored_and_only_to_this_browser(portal: Portal, kind: str) -> None:
    event_id = insert_passage(portal.connection, **pictures_of(portal.evidence, "MH12AB1234"))
    client = portal.user()

    answer = client.get(f"/passages/{event_id}/{kind}.jpg")
    again = client.get(f"/passages/{event_id}/{kind}.jpg", headers={"If-None-Match": answer.headers["ETag"]})

    assert answer.mimetype == "image/jpeg"
    assert answer.data[:2] == b"\xff\xd8"
    assert answer.headers["Cache-Control"].startswith("private")
    assert again.status_code == 304


def test_a_picture_that_was_changed_is_not_shown(portal: Portal) -> None:
    columns = pictures_of(portal.evidence, "MH14ZZ0001")
    event_id = insert_passage(portal.connection, **columns)
    (portal.evidence.folder / columns["plate_key"]).write_bytes(jpeg(a_plate_picture("MH14ZZ0002")))

    answer = portal.user().get(f"/passages/{event_id}/plate.jpg")

    assert answer.status_code == 410


@pytest.mark.parametrize("key", ["../../etc/passwd.jpg", "/etc/passwd", "evidence/../secrets/users.json"])
def test_a_key_that_leads_out_of_the_storage_is_refused(portal: Portal, key: str) -> None:
    event_id = insert_passage(portal.connection, plate_key=key, plate_sha256="0" * 64)

    assert portal.user().get(f"/passages/{event_id}/plate.jpg").status_code >= 400


def test_a_picture_that_is_gone_is_not_found(portal: Portal) -> None:
    event_id = insert_passage(portal.connection, plate_key="evidence/00/gone.jpg", plate_sha256="0" * 64)

    assert portal.user().get(f"/passages/{event_id}/plate.jpg").status_code == 404
    assert portal.user().get(f"/passages/{event_id}/owner.jpg").status_code == 404


def looks_at_pictures(portal: Portal, event_id: UUID) -> list[tuple[str, str, str]]:
    return portal.connection.execute(
        "SELECT user_name, action, query FROM looks WHERE event_id = %s AND action = 'picture' ORDER BY id",
        [event_id],
    ).fetchall()


def test_looks_at_the_pictures_of_a_passages_page_are_written_down(portal: Portal) -> None:
    event_id = insert_passage(portal.connection, **pictures_of(portal.evidence, "MH12AB1234"))
    client = portal.user()
    page = client.get(f"/passages/{event_id}").get_data(as_text=True)

    named = sorted(set(re.findall(rf"/passages/{event_id}/\w+\.jpg", page)))
    kept = [client.get(address).headers["ETag"] for address in named]
    client.get(named[0], headers={"If-None-Match": kept[0]})

    assert looks_at_pictures(portal, event_id) == [
        ("asha", "picture", kind) for kind in ("frame", "plate", "vehicle", "frame")
    ]


@pytest.mark.parametrize("address", ["/", "/search?plate=MH12AB4321"])
def test_thumbnails_of_lists_are_no_looks(portal: Portal, address: str) -> None:
    event_id = insert_passage(
        portal.connection, "MH12AB4321", **pictures_of(portal.evidence, "MH12AB4321"),
        captured_at=datetime.now(UTC),
    )  # fmt: skip
    client = portal.user()

    named = re.findall(rf"/passages/{event_id}/\w+\.jpg", client.get(address).get_data(as_text=True))

    assert [client.get(one).status_code for one in named] == [200]
    assert looks_at_pictures(portal, event_id) == []


def test_a_picture_that_is_not_shown_was_not_looked_at(portal: Portal) -> None:
    event_id = insert_passage(portal.connection, plate_key="evidence/00/gone.jpg", plate_sha256="0" * 64)

    portal.user().get(f"/passages/{event_id}/plate.jpg")

    assert looks_at_pictures(portal, event_id) == []


def test_no_picture_is_shown_when_the_look_cannot_be_written_down(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_id = insert_passage(portal.connection, **pictures_of(portal.evidence, "MH12AB1234"))
    client = portal.user()
    kept = client.get(f"/passages/{event_id}/frame.jpg").headers["ETag"]

    def away(*_: object) -> int:
        raise TryAgain("database", "it does not answer")

    monkeypatch.setattr(portal.made.database, "run", away)

    for headers in ({}, {"If-None-Match": kept}):
        answer = client.get(f"/passages/{event_id}/frame.jpg", headers=headers)
        assert (answer.status_code, answer.data) == (503, b"The database is away")


def addresses_of_pictures(portal: Portal, page: str, event_id: UUID) -> set[str]:
    return set(re.findall(rf"/passages/{event_id}/[^\"]+", portal.user().get(page).get_data(as_text=True)))


def test_pictures_of_a_final_are_not_those_of_its_preview_that_the_browser_kept(portal: Portal) -> None:
    event_id = insert_passage(
        portal.connection, "MH12AB5555", state="preview", **pictures_of(portal.evidence, "MH12AB5555")
    )
    pages = (f"/passages/{event_id}", "/search?plate=MH12AB5555")
    of_preview = [addresses_of_pictures(portal, page, event_id) for page in pages]

    final = pictures_of(portal.evidence, "MH12AB5555", paint="#2a8f3a", colour="yellow")
    changes = ", ".join(f"{name} = %({name})s" for name in final)
    portal.connection.execute(
        f"UPDATE passages SET {changes} WHERE event_id = %(event_id)s",
        final | {"event_id": event_id},
    )
    of_final = [addresses_of_pictures(portal, page, event_id) for page in pages]

    assert [len(named) for named in of_final] == [3, 1]
    for before, after in zip(of_preview, of_final, strict=True):
        assert before.isdisjoint(after)
