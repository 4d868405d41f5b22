"""A stored frame is looked at as its camera asks for, and beyond that as well; what it was read as."""

from __future__ import annotations

import msgspec
import pytest

from contracts.messages.sighting import PlateSeen
from deploy.reading.reader import REPOSITORY
from deploy.verify import again
from deploy.verify.again import text_of_frame, texts_again
from processors.cascade.recognise import Recognised
from processors.cascade.regard import EVERYTHING, Regard
from processors.passages.kept_reads import KeptRead, KeptReads
from tests.contracts.builders import FRAME_POSITION, NOON, a_plate_event
from tests.processors.passages.builders import a_plate, corners_of
from tests.processors.plates_stage import GREY

BOX = (100.0, 200.0, 200.0, 224.0)
EVENT = a_plate_event(corners=corners_of(BOX))
LARGE = Regard(least_plate_px=60.0)


def best_text(shown: dict[Regard, PlateSeen], monkeypatch: pytest.MonkeyPatch) -> str | None:
    """What the event's frame is read as, where models see these plates."""

    async def recognise(*arguments: object) -> Recognised:
        regard = arguments[-1]
        assert isinstance(regard, Regard)
        return Recognised(vehicles=(), plates=(shown[regard],) if regard in shown else ())

    monkeypatch.setattr(again, "recognise", recognise)
    texts = texts_again(GREY, EVENT, REPOSITORY, LARGE)
    return texts[0] if texts else None


def test_the_frame_is_looked_at_as_its_camera_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = {LARGE: a_plate(BOX, "MH12AB1234"), EVERYTHING: a_plate(BOX, "KA05MN7007")}

    assert best_text(shown, monkeypatch) == "MH12AB1234"


def test_what_the_camera_no_longer_asks_for_is_found_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    assert best_text({EVERYTHING: a_plate(BOX, "KA05MN7007")}, monkeypatch) == "KA05MN7007"


def test_a_plate_elsewhere_is_not_the_one(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = a_plate((500.0, 200.0, 600.0, 224.0), "MH12AB1234")

    assert best_text({LARGE: elsewhere, EVERYTHING: elsewhere}, monkeypatch) is None


def a_read(plate: PlateSeen, offset: int) -> KeptRead:
    frame = msgspec.structs.replace(FRAME_POSITION, offset=offset)
    return KeptRead(captured_at=NOON, frame=frame, size_wh=(960, 540), vehicle=None, seen=plate)


def test_of_two_reads_in_one_frame_that_of_the_events_plate_is_what_the_frame_was_read_as() -> None:
    offset = FRAME_POSITION.offset
    elsewhere = a_read(a_plate((500.0, 200.0, 600.0, 224.0), "KA05MN7007"), offset)
    own, earlier = a_read(a_plate(BOX, "MH12AB1234"), offset), a_read(a_plate(BOX, "MH12AB1284"), offset - 1)
    kept = KeptReads(lines=1, colour="white", together=False, reads=(earlier, elsewhere, own))

    assert text_of_frame(kept, EVENT) == "MH12AB1234"
    assert text_of_frame(msgspec.structs.replace(kept, reads=(earlier, elsewhere)), EVENT) == "KA05MN7007"
    assert text_of_frame(msgspec.structs.replace(kept, reads=(earlier,)), EVENT) is None
