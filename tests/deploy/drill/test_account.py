"""The account of a drill: finals against what they must be, and against the films of its cameras."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.demo.street import Film, Street
from deploy.drill.judging.account import report_of, untested
from deploy.drill.judging.database import DrilledFinal, Stored, Told, differences, final_of, of_upload
from deploy.drill.judging.judgement import Judgement, judge
from deploy.drill.scene.cameras import Filmed
from deploy.measure.flow import Flow, SightingHead, skipped
from deploy.measure.truth import TruePassage
from tests.contracts.builders import FRAME_POSITION, NOON, a_plate_event

BEGAN = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
EPOCH = "20260301T063000.000000Z-ab12"
PASSED = TruePassage(camera="gate", epoch="", text="MH12AB1234", vehicle="car", first_sec=1, last_sec=3)
ALL_WELL = Judgement(
    passed=0, found=0, exact=0, twice=0, barely_legible=0, gone_on=0, unrecognised=0, missed=(), misread=(),
    of_none=(),
)  # fmt: skip


def a_final(
    text: str | None = "MH12AB1234", *, camera: str = "gate", crossed: tuple[str, ...] = ()
) -> DrilledFinal:
    """Of the second in which the car of the gate's film passes."""
    times = BEGAN + timedelta(seconds=1), BEGAN + timedelta(seconds=3)
    return DrilledFinal(camera, EPOCH, Told(text, crossed), *times)


def stored(*finals: DrilledFinal, **named: DrilledFinal) -> Stored:
    numbered = {f"id-{number}": final for number, final in enumerate(finals)}
    return Stored(finals=numbered | named, previews=frozenset(), double=(), repeated=0)


def what_is_shown(*passages: TruePassage) -> Filmed:
    """A gate that these pass, a yard in which one stands, and a picture of that one."""
    street = Street((Film("gate", "Gate", Path("gate.mp4"), passages),))
    texts = {"yard": {"KA05MN7007"}}
    return Filmed(street=street, cameras=(), texts=texts, picture=b"", picture_text="KA05MN7007")


def judged(held: Stored, *passages: TruePassage, until_sec: float = 20.0) -> Judgement:
    seen_until = {("gate", EPOCH): BEGAN + timedelta(seconds=until_sec)}
    return judge(what_is_shown(*passages or (PASSED,)), held, seen_until)


def a_flow(**changes: int) -> Flow:
    counts = {
        "captured": 9, "shed": 0, "frames": 9, "sightings": 9, "skipped": 0, "set_aside": 0, "finals": 1,
        "enriched": 1, "stored": 1, "repeated": 0,
    } | changes  # fmt: skip
    return Flow(**counts, final_ids=frozenset(), seen_until={})


def test_finals_are_compared_both_ways() -> None:
    held = replace(
        stored(
            a=a_final(),
            b=a_final("KA05MN7007"),
            c=a_final(None, crossed=("gate",)),
            stranger=a_final("TN09ABC0007"),
        ),
        previews=frozenset({"waiting"}),
    )
    wanted = {
        "a": replace(a_final(), last_captured_at=BEGAN + timedelta(seconds=4)),
        "b": a_final("KA05MN7001"),
        "c": a_final(None),
        "gone": a_final("X"),
    }
    seen = "from 06:30:01.000000 to 06:30:03.000000"

    missing, told = differences(held, wanted)

    assert missing == ["gone"]
    assert told == [
        f"event stranger (TN09ABC0007 {seen}) is in the database and was never to be",
        "event waiting stays a preview",
        f"event a is MH12AB1234 {seen}, expected MH12AB1234 from 06:30:01.000000 to 06:30:04.000000",
        f"event b is KA05MN7007 {seen}, expected KA05MN7001 {seen}",
        f"event c is without a plate, over gate {seen}, expected without a plate {seen}",
    ]


def test_an_event_of_a_vehicle_without_a_plate_tells_no_text() -> None:
    assert final_of(a_plate_event(reading=None, corners=None)).told.text is None
    assert str(final_of(a_plate_event(direction="approaching")).told) == "MH12AB1234, approaching"


def test_what_was_set_aside_fails_a_run() -> None:
    held = stored(a=a_final())
    wanted = {"a": a_final()}

    assert report_of(wanted, held, a_flow(), ALL_WELL).passed
    report = report_of(wanted, held, a_flow(set_aside=2), ALL_WELL)
    assert not report.passed
    assert report.failures == ["2 messages were set aside, and nothing in a drill is poison"]


def test_a_final_whose_answer_of_the_registry_never_came_fails_a_run() -> None:
    held = replace(stored(a=a_final(), b=a_final()), unanswered={"a": "pending", "b": "unavailable"})
    report = report_of(held.finals, held, a_flow(), ALL_WELL)
    assert report.unanswered == 2
    assert report.failures == [
        "final a (MH12AB1234 from 06:30:01.000000 to 06:30:03.000000) has no answer of the registry yet, "
        "and none comes"
    ]


def test_a_vehicle_that_passed_legibly_without_a_final_fails_a_run() -> None:
    judgement = judged(stored())
    assert (judgement.passed, judgement.found) == (1, 0)

    report = report_of({}, stored(), a_flow(), judgement)
    assert not report.passed
    assert report.failures == [
        f"gate: MH12AB1234 (car, 1.0 to 3.0 s of epoch {EPOCH}) passed and has no final"
    ]


def test_an_event_without_a_plate_is_no_final_of_a_legible_vehicle() -> None:
    assert judged(stored(a_final(None))).missed
    assert not judged(stored(a_final())).missed


def test_a_film_that_begins_again_soon_shows_the_same_passage_going_on() -> None:
    before = "20260301T062945.000000Z-cd34"
    went_on = replace(a_final(), epoch=before, first_captured_at=BEGAN - timedelta(seconds=14))
    assert (judged(stored(went_on)).missed, judged(stored(went_on)).gone_on) == ((), 1)

    over = replace(went_on, last_captured_at=BEGAN - timedelta(seconds=12))
    assert judged(stored(over)).missed
    assert judged(stored(replace(went_on, told=Told("KA05MN7007")))).missed


def test_a_vehicle_need_not_be_found_that_was_hardly_legible_or_had_not_passed_yet() -> None:
    hardly = replace(PASSED, first_sec=2.5)
    assert (judged(stored(), hardly).missed, judged(stored(), hardly).barely_legible) == ((), 1)
    assert not judged(stored(), until_sec=3.1).missed


def test_what_a_run_did_not_meet_with_fails_it() -> None:
    filmed = what_is_shown(PASSED)
    finals = [a_final(), a_final(None, crossed=("gate",)), a_final("KA05MN7007", camera="yard")]
    all_passed = replace(ALL_WELL, passed=1)
    assert untested(finals, filmed, all_passed) == []

    def told(*kinds: str) -> list[str]:
        return [f"no {kind} at all was expected: nothing of it was tested" for kind in kinds]

    assert untested(finals, filmed, ALL_WELL) == told("vehicle that had passed the street")
    assert untested(finals[:2], filmed, all_passed) == told("final plate of camera yard")
    assert untested(finals[::2], filmed, all_passed) == told("final without a plate", "crossed line")


def test_one_final_of_nobody_stands_for_one_vehicle() -> None:
    others = replace(PASSED, text="KA05MN7007"), replace(PASSED, text="DL3CAF4943", last_sec=2.5)

    judgement = judged(stored(a_final("TN09ABC0007")), PASSED, *others)

    assert (judgement.passed, judgement.unrecognised, len(judgement.missed)) == (3, 1, 2)
    assert judged(stored(a_final("TN09ABC0007"), a_final("TN09ABC0008")), *others).missed == ()


def test_what_is_read_beyond_recognition_is_the_models_miss_and_not_the_runs() -> None:
    judgement = judged(stored(a_final("TN09ABC0007")))
    assert (judgement.found, judgement.missed, judgement.unrecognised) == (0, (), 1)
    assert judgement.of_none == ("gate: TN09ABC0007 is of no vehicle",)


def test_a_misread_is_a_figure_and_no_failure() -> None:
    judgement = judged(stored(a_final("MH12AB1284")))
    report = report_of({"id-0": a_final("MH12AB1284")}, stored(a_final("MH12AB1284")), a_flow(), judgement)
    assert report.passed
    assert (report.vehicles_found, report.vehicles_exact, report.finals_of_no_vehicle) == (1, 0, 0)
    assert report.remarks == [f"gate: MH12AB1234 (car, 1.0 to 3.0 s of epoch {EPOCH}) is read MH12AB1284"]


def test_a_second_final_of_a_vehicle_fails_a_run_also_if_its_text_is_another() -> None:
    judgement = judged(stored(a_final(), a_final("MH12AB1284")))
    assert judgement.twice == 1
    assert not report_of({}, stored(), a_flow(), judgement).passed


def test_a_row_that_stands_twice_does_not_hide_a_final_that_is_lost() -> None:
    held = replace(stored(a=a_final()), repeated=1)
    report = report_of({"a": a_final(), "b": a_final()}, held, a_flow(finals=2, repeated=1), ALL_WELL)
    assert (report.finals_lost, report.rows_double, report.passed) == (2, 1, False)


def test_a_text_that_no_vehicle_of_its_camera_bears_is_counted() -> None:
    strange = stored(
        a_final(),
        a_final("TN09ABC0007"),
        a_final("MH12AB1234", camera="yard"),
        a_final("MH12AB1234", camera="upload-1"),
        a_final("KA05MN7007", camera="yard"),
        a_final("KA05MN7001", camera="upload-2"),
        a_final(None, camera="yard"),
    )
    assert judged(strange).of_none == (
        "gate: TN09ABC0007 is of no vehicle",
        "yard: MH12AB1234 is of no vehicle",
        "upload-1: MH12AB1234 is of no vehicle",
    )


def test_a_picture_that_was_handed_in_has_exactly_one_final() -> None:
    one, other = a_final(camera="upload-1"), a_final(camera="upload-2")
    assert of_upload(stored(one, other), "upload-1") == []
    assert of_upload(stored(a_final()), "upload-1") == ["upload-1 has 0 finals, not one"]
    assert of_upload(stored(one, other, other), "upload-1") == ["upload-2 has 2 finals, not one"]


def test_frames_missing_among_the_sightings_of_a_file_are_lost_whatever_was_shed_elsewhere() -> None:
    def head(sequence: int, origin: str, *, end: bool = False) -> SightingHead:
        return SightingHead(
            camera=origin, epoch="e1", sequence=sequence, captured_at=NOON, frame=FRAME_POSITION,
            origin=origin, end=end,  # type: ignore[arg-type]
        )  # fmt: skip

    whole = [head(number, "file") for number in (0, 1, 1, 2)]
    assert skipped([*whole, head(3, "file", end=True)]) == 0
    assert skipped([head(0, "file"), head(3, "file")]) == 2
    assert skipped([*whole, head(0, "live"), head(3, "live")]) == 0
    assert a_flow(frames=9, sightings=12, skipped=2).lost_frames == 2
