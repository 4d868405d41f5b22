"""Finals are judged by where their plates stood, frame by frame."""

from __future__ import annotations

import msgspec

from contracts.messages.common import Corners, PlateColour
from deploy.measure.following import Followed, Following, follow
from triton_models.rendering.truth import FilmTruth, FrameTruth, PassageTruth


def corners(x: float) -> Corners:
    return (x, 100.0), (x + 80.0, 100.0), (x + 80.0, 120.0), (x, 120.0)


def a_passage(name: str, text: str, x: float, *, frames: int = 10) -> PassageTruth:
    """A plate that moves 5 pixels to the right in each frame."""
    return PassageTruth(
        passage=name,
        camera="gate",
        registration=text,
        text=text,
        vehicle="car",
        vehicle_rgb=(0, 0, 0),
        plate_colour="white",
        plate_kind="private",
        lines=1,
        direction="approaching",
        first_sec=0.0,
        last_sec=frames / 5,
        legible_frames=frames,
        frames=tuple(
            FrameTruth(
                time_sec=number / 5,
                vehicle_xyxy=(x, 0.0, x + 200, 200.0),
                corners=corners(x + 5 * number),
                character_px=14.0,
                legible=True,
            )
            for number in range(frames)
        ),
    )


def a_film(*passages: PassageTruth, illegible: tuple[PassageTruth, ...] = ()) -> FilmTruth:
    return FilmTruth(
        schema=2,
        key="",
        camera="gate",
        place="",
        seed=1,
        frames_per_second=5.0,
        width=960,
        height=540,
        frames=50,
        night=False,
        rain=False,
        legible_px=10.0,
        passages=passages,
        illegible=illegible,
    )


def a_final(
    text: str,
    *reads: tuple[int, float],
    best: str | None = None,
    colour: PlateColour = "white",
    last_sec: float | None = None,
) -> Followed:
    """Reads as frame number and the x at which that vehicle began; it ends with the last one."""
    return Followed(
        text=text,
        colour=colour,
        text_of_best_frame=text if best is None else best,
        text_of_middle_frame=text,
        reads=tuple((number / 5, corners(x + 5 * number)) for number, x in reads),
        last_sec=max(number for number, _ in reads) / 5 if last_sec is None else last_sec,
    )


CAR, BUS = a_passage("car", "MH12AB1234", 100.0), a_passage("bus", "KA05MN7007", 500.0)


def test_each_vehicle_with_one_final_is_counted_once_whatever_its_text() -> None:
    finals = [a_final("MH12AB1234", (0, 100.0), (1, 100.0)), a_final("XX", (2, 500.0), best="KA05MN7007")]

    found = follow(a_film(CAR, BUS), finals)

    (told,) = found.remarks
    assert told.endswith("is read XX, in the clearest frame KA05MN7007")
    assert found == Following(
        passed=2,
        once=2,
        exact=1,
        exact_of_best_frame=2,
        exact_of_middle_frame=1,
        coloured=2,
        remarks=(told,),
    )


def test_a_second_final_a_missing_one_and_one_of_nothing_are_told() -> None:
    finals = [
        a_final("MH12AB1234", (0, 100.0)),
        a_final("MH12AB1234", (7, 100.0)),
        a_final("STREETART", (3, 800.0)),
    ]

    found = follow(a_film(CAR, BUS), finals)

    assert (found.once, found.never, found.double, found.strange, found.mixed) == (0, 1, 1, 1, 0)
    assert len(found.remarks) == 3


def test_a_plate_in_another_colour_is_told_and_one_that_is_neither_white_nor_yellow_is_rare() -> None:
    green = msgspec.structs.replace(BUS, plate_colour="green")
    as_white = [a_final("MH12AB1234", (0, 100.0)), a_final("KA05MN7007", (0, 500.0))]
    as_green = [as_white[0], a_final("KA05MN7007", (0, 500.0), colour="green")]

    wrong, right = follow(a_film(CAR, green), as_white), follow(a_film(CAR, green), as_green)

    assert (wrong.coloured, wrong.rare, wrong.rare_coloured) == (1, 1, 0)
    assert wrong.remarks == ("gate: bus KA05MN7007 (car, 0.0 to 2.0 s, 10 frames) is green, told white",)
    assert (right.coloured, right.rare, right.rare_coloured) == (2, 1, 1)
    assert right.remarks == ()


def test_a_final_with_reads_of_two_vehicles_is_mixed_and_a_single_stray_read_is_not() -> None:
    mixed = a_final("MH12AB1234", (0, 100.0), (1, 100.0), (2, 100.0), (3, 500.0), (4, 500.0))
    stray = a_final("KA05MN7007", (0, 500.0), (1, 500.0), (2, 100.0))

    found = follow(a_film(CAR, BUS), [mixed, stray])

    assert (found.mixed, found.once) == (1, 2)


def test_a_final_that_goes_on_for_long_after_its_vehicle_has_left_is_late() -> None:
    in_time = a_final("MH12AB1234", (0, 100.0), (1, 100.0), last_sec=1.8 + 0.7)
    late = a_final("KA05MN7007", (0, 500.0), (1, 500.0), last_sec=1.8 + 0.9)

    found = follow(a_film(CAR, BUS), [in_time, late])

    assert (found.once, found.late) == (2, 1)
    assert found.remarks == (
        "gate: bus KA05MN7007 (car, 0.0 to 2.0 s, 10 frames) left at 1.8 s, KA05MN7007 ends at 2.7 s",
    )


def test_a_plate_that_is_hardly_ever_legible_need_not_be_found() -> None:
    assert follow(a_film(a_passage("far", "MH12AB1234", 0.0, frames=2)), []).passed == 0


def test_a_final_of_a_plate_that_is_never_legible_is_of_a_vehicle() -> None:
    far = a_passage("far", "MH12AB1234", 100.0)

    found = follow(a_film(illegible=(far,)), [a_final("MH12AB1234", (0, 100.0))])

    assert (found.passed, found.strange) == (0, 0)


def test_films_add_up() -> None:
    one = Following(passed=3, once=2, coloured=3, rare=1, rare_coloured=1, remarks=("a",))
    assert one + Following(passed=1, double=1, coloured=1, rare=1, remarks=("b",)) == Following(
        passed=4, once=2, double=1, coloured=4, rare=2, rare_coloured=1, remarks=("a", "b")
    )
