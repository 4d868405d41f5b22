"""Which plates the registry is asked about, and what goes on when it does not answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from contracts.codec import decode
from contracts.errors import Rejected, TryAgain
from contracts.messages.enriched import EnrichedEvent
from contracts.messages.plate import FormatVerdict, PlateEvent
from contracts.topics import Topic
from processors.enriched import Enrichment, LateAnswers
from processors.registry.inquiries import Inquiries
from tests.contracts.builders import NOON, a_plate_event, a_reading, a_registry_answer, an_enriched_event
from tests.processors.registry_fakes import ListedDesk, ListedRegistry, a_found_answer, a_sealer
from tests.processors.rows_builders import an_incoming

AWAY = TryAgain("registry", "known to be away", retry_after_sec=4.0)


async def enriched(desk: ListedDesk, **plate: Any) -> EnrichedEvent:
    stage = Enrichment(desk, patience_sec=3.0, now=lambda: NOON)
    [sent] = await stage.handle(an_incoming(a_plate_event(**plate), topic=Topic.PLATES))
    assert (sent.topic, sent.key) == ("plates.enriched", b"gate")
    return decode(EnrichedEvent, sent.value)


async def test_a_final_is_looked_up_and_the_event_goes_on_unchanged() -> None:
    desk = ListedDesk()
    event = await enriched(desk)
    assert (event.plate, event.registry) == (a_plate_event(), a_registry_answer())
    assert desk.asked == [("MH12AB1234", 3.0)]


@pytest.mark.parametrize("origin", ["live", "file", "upload"])
async def test_a_plate_is_looked_up_wherever_it_comes_from(origin: str) -> None:
    assert (await enriched(ListedDesk(), origin=origin)).registry.status == "found"


async def test_a_preview_goes_on_at_once_and_costs_no_question() -> None:
    desk = ListedDesk()
    assert (await enriched(desk, state="preview")).registry.status == "pending"
    assert desk.asked == []


async def test_a_preview_shows_what_is_known_already() -> None:
    desk = ListedDesk(known=a_registry_answer())
    assert (await enriched(desk, state="preview")).registry.status == "found"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"reading": None}, "no plate"),
        ({"reading": a_reading(accepted=False)}, "not accepted"),
        (
            {"reading": a_reading(format=FormatVerdict(series="unknown", state=None, rto=None, valid=False))},
            "no valid registration number",
        ),
        (
            {"reading": a_reading(format=FormatVerdict(series="military", state=None, rto=None, valid=True))},
            "civil register",
        ),
    ],
)
async def test_what_no_register_can_hold_is_not_asked(changes: dict[str, Any], reason: str) -> None:
    desk = ListedDesk()
    answer = (await enriched(desk, **changes)).registry
    assert (answer.status, desk.asked) == ("skipped", [])
    assert reason in (answer.reason or "")


@pytest.mark.parametrize("result", [AWAY, a_registry_answer(status="unavailable", reason="nonsense")])
async def test_without_an_answer_the_plate_goes_on_as_pending(result: Any) -> None:
    answer = (await enriched(ListedDesk(result))).registry
    assert (answer.status, answer.personal) == ("pending", None)


async def test_an_event_handled_twice_gives_the_same_event() -> None:
    assert await enriched(ListedDesk()) == await enriched(ListedDesk())


@pytest.mark.parametrize("junk", [None, b"", b"[]", b"\xff"])
async def test_junk_is_rejected(junk: bytes | None) -> None:
    with pytest.raises(Rejected):
        await Enrichment(ListedDesk()).handle(an_incoming(None, value=junk, topic=Topic.PLATES))
    with pytest.raises(Rejected):
        await LateAnswers(ListedDesk()).handle(an_incoming(None, value=junk))


def a_pending(plate: PlateEvent | None = None) -> EnrichedEvent:
    return an_enriched_event(
        plate=plate or a_plate_event(), registry=a_registry_answer(status="pending", personal=None)
    )


async def test_the_late_answer_follows_as_a_second_event_of_the_passage() -> None:
    [sent] = await LateAnswers(ListedDesk(), now=lambda: NOON).handle(an_incoming(a_pending()))
    event = decode(EnrichedEvent, sent.value)
    assert (event.plate, event.registry.status) == (a_plate_event(), "found")


async def test_a_late_answer_is_waited_for_without_end() -> None:
    stage = LateAnswers(ListedDesk(AWAY, a_registry_answer()))
    with pytest.raises(TryAgain):
        await stage.handle(an_incoming(a_pending()))
    assert len(await stage.handle(an_incoming(a_pending()))) == 1


async def test_many_late_answers_leave_room_for_the_plates_that_arrive_now() -> None:
    registry = ListedRegistry(a_found_answer(), delay_sec=0.01)
    desk = Inquiries(registry, a_sealer())
    stage = LateAnswers(desk, at_once=2)
    pending = [a_pending(a_plate_event(reading=a_reading(f"MH12AB{n:04d}"))) for n in range(1, 10)]
    sent = await asyncio.gather(*(stage.handle(an_incoming(event)) for event in pending))
    assert (len(sent), registry.most_at_once) == (9, 2)


async def test_nonsense_from_a_registry_that_is_well_ends_the_asking() -> None:
    stage = LateAnswers(ListedDesk(a_registry_answer(status="unavailable")))
    [sent] = await stage.handle(an_incoming(a_pending()))
    assert decode(EnrichedEvent, sent.value).registry.status == "unavailable"


@pytest.mark.parametrize(
    "event",
    [an_enriched_event(), a_pending(a_plate_event(state="preview")), a_pending(a_plate_event(reading=None))],
)
async def test_everything_but_a_pending_final_passes_by_the_late_stage(event: EnrichedEvent) -> None:
    desk = ListedDesk()
    assert await LateAnswers(desk).handle(an_incoming(event)) == ()
    assert desk.asked == []
