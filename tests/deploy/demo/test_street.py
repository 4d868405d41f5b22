"""The finals of rendered streets, judged by what truly passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.demo.street import Film, Street, film_seconds
from deploy.measure.truth import TruePassage


def test_uploads_during_a_demo_are_neither_found_nor_invented() -> None:
    passed = TruePassage(camera="gate", epoch="", text="MH12AB1234", vehicle="car", first_sec=1, last_sec=3)
    street = Street((Film("gate", "Gate", Path("gate.mp4"), (passed,)),))
    epoch, upload = "20260301T063000.000000Z-ab12", ("upload-1", "0f" * 16)
    began = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
    rows = [
        ("id-1", "gate", epoch, "MH12AB1234", began + timedelta(seconds=1), began + timedelta(seconds=3)),
        ("id-2", *upload, "KA05MJ4410", began, began),
    ]

    verdict = street.verdict(rows, {("gate", epoch): began + timedelta(seconds=20), upload: began})

    assert (verdict.passed, verdict.exact, verdict.invented) == (1, 1, 0)


def test_a_plate_that_is_never_legible_may_be_read_and_need_not() -> None:
    far = TruePassage(camera="gate", epoch="", text="MH12AB1234", vehicle="car", first_sec=1, last_sec=3)
    street = Street((Film("gate", "Gate", Path("gate.mp4"), (), illegible=(far,)),))
    epoch, began = "20260301T063000.000000Z-ab12", datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
    read = ("id-1", "gate", epoch, "MH12AB1234", began + timedelta(seconds=1), began + timedelta(seconds=3))
    seen_until = {("gate", epoch): began + timedelta(seconds=20)}

    silent, told = street.verdict([], seen_until), street.verdict([read], seen_until)

    assert (silent.passed, silent.missed) == (0, ())
    assert (told.passed, told.optional, told.invented) == (0, 1, 0)


def test_a_vehicle_that_was_still_coming_may_have_been_read_from_afar() -> None:
    near = TruePassage(camera="gate", epoch="", text="MH12AB1234", vehicle="car", first_sec=9, last_sec=11)
    street = Street((Film("gate", "Gate", Path("gate.mp4"), (near,), in_view=(replace(near, first_sec=2),)),))
    epoch, began = "20260301T063000.000000Z-ab12", datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
    read = ("id-1", "gate", epoch, "MH12AB1234", began + timedelta(seconds=3), began + timedelta(seconds=5))

    broken_off = street.verdict([read], {("gate", epoch): began + timedelta(seconds=6)})
    passed = street.verdict([read], {("gate", epoch): began + timedelta(seconds=20)})

    assert (broken_off.passed, broken_off.optional, broken_off.invented) == (0, 1, 0)
    assert (passed.found, passed.optional, passed.invented) == (0, 0, 1)


def test_film_time_is_counted_from_the_moment_in_the_epochs_name() -> None:
    at = datetime(2026, 3, 1, 6, 30, 2, 500_000, tzinfo=UTC)
    assert film_seconds("20260301T063000.000000Z-ab12", at) == 2.5
