"""Epochs of one camera: which sightings are new, whoever else sends some."""

from __future__ import annotations

import msgspec

from tests.processors.passages.builders import Drive, a_street
from tests.processors.passages.test_camera import events, finals


def test_a_second_ingest_that_opens_a_camera_and_ends_does_not_silence_it() -> None:
    texts = ["MH12AB1234", "KA05MN7007", "DL3CAY9324"]
    street = a_street([Drive(text=text, starts_sec=10.0 * n) for n, text in enumerate(texts)])
    other = msgspec.structs.replace(street[35], epoch="other", sequence=0, plates=(), vehicles=())

    for more in ([other], [other, msgspec.structs.replace(other, sequence=1, end=True)]):
        assert finals(events([*street[:36], *more, *street[36:]])) == texts


def test_of_two_ingests_at_a_camera_the_one_that_began_last_is_followed() -> None:
    street = a_street([Drive(text="MH12AB1234", starts_sec=0.0)])
    second = [msgspec.structs.replace(each, epoch="second") for each in street]
    both = [each for pair in zip(second, street, strict=True) for each in pair if not each.end]

    assert finals(events([street[0], *both, second[-1]])) == ["MH12AB1234"]
