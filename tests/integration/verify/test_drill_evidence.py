"""The evidence of a drill's finals: a real database and a real store, whole, and then with something gone."""

from __future__ import annotations

import uuid

import pytest

from contracts.errors import Stop
from deploy.drill.judging.evidence import broken_links, evidence_store
from tests.integration.verify.verified import Place
from webapp.pictures import PictureShelf


@pytest.fixture
def store(place: Place) -> PictureShelf:
    return evidence_store({"PLATESTREAM_EVIDENCE": place.evidence.as_uri()})


def test_a_final_that_has_all_of_it_is_not_told_of(place: Place, store: PictureShelf) -> None:
    assert broken_links(place.database, store, [place.event_id]) == []


def test_what_is_gone_of_a_final_is_told_by_its_link(place: Place, store: PictureShelf) -> None:
    for path in place.evidence.rglob("*.jpg"):
        path.unlink()
    place.change(f"DELETE FROM chain WHERE event_id = '{place.event_id}'")

    told = broken_links(place.database, store, [place.event_id])

    links = ("event", "chain", "frame", "vehicle", "plate")
    assert [line.split(": ")[1] for line in told] == [f"its {link} does not hold" for link in links]


def test_a_final_that_is_not_there_is_told(place: Place, store: PictureShelf) -> None:
    nobody = str(uuid.uuid4())
    [told] = broken_links(place.database, store, [nobody])
    assert told.startswith(f"final {nobody} has no evidence that can be checked")


def test_a_store_that_is_none_is_refused() -> None:
    with pytest.raises(Stop):
        evidence_store({"PLATESTREAM_EVIDENCE": "ftp://somewhere"})
