"""Frames that wait for Kafka: the newest are kept, in order, and everyone is told once of each fate."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Stop
from ingest.sending.outbox import Outbox, Parcel
from ingest.sending.ring import DiskRing
from tests.contracts.builders import a_frame_header


class Fates:
    """What became of frames by number."""

    def __init__(self) -> None:
        self.lost: list[int] = []

    def parcel(self, number: int, size: int = 100) -> Parcel:
        def delivered(arrived: bool) -> None:
            assert not arrived
            self.lost.append(number)

        return Parcel(a_frame_header(sequence=number), number.to_bytes(4, "big") * (size // 4), delivered)


def taken(outbox: Outbox) -> list[int]:
    found = []
    while (parcel := outbox.take(0)) is not None:
        assert parcel.data[:4] == parcel.header.sequence.to_bytes(4, "big")
        found.append(parcel.header.sequence)
    return found


def test_frames_leave_in_the_order_in_which_they_came() -> None:
    outbox, fates = Outbox(10_000), Fates()
    for number in range(5):
        outbox.put(fates.parcel(number), wait=False)
    assert taken(outbox) == [0, 1, 2, 3, 4]


def test_beyond_the_budget_the_oldest_are_given_up() -> None:
    outbox, fates = Outbox(1000), Fates()
    for number in range(25):
        outbox.put(fates.parcel(number), wait=False)
    assert fates.lost == list(range(15))
    assert outbox.queued_bytes == 1000
    assert taken(outbox) == list(range(15, 25))


def test_live_frames_go_before_those_of_files() -> None:
    outbox, fates = Outbox(1000), Fates()
    outbox.put(fates.parcel(1), wait=True)
    outbox.put(fates.parcel(2), wait=False)
    assert taken(outbox) == [2, 1]


def test_what_is_left_at_the_end_is_given_up_and_counted() -> None:
    outbox, fates = Outbox(1000), Fates()
    outbox.put(fates.parcel(1), wait=True)
    outbox.put(fates.parcel(2), wait=False)
    assert outbox.close() == 2
    outbox.put(fates.parcel(3), wait=False)
    assert sorted(fates.lost) == [1, 2, 3]
    assert outbox.is_empty()


@given(
    sizes=st.lists(st.integers(4, 400), min_size=1, max_size=120),
    takes=st.lists(st.integers(0, 6), min_size=1, max_size=40),
)
def test_with_a_ring_frames_stay_whole_in_order_and_none_is_forgotten(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], takes: list[int]
) -> None:
    ring = DiskRing(tmp_path_factory.mktemp("ring") / "frames", 3000)
    outbox, fates, out = Outbox(1000, ring), Fates(), list[int]()
    for number, size in enumerate(sizes):
        outbox.put(fates.parcel(number, size), wait=False)
        if number % 3 == 2:
            for _ in range(takes[number % len(takes)]):
                parcel = outbox.take(0)
                if parcel is not None:
                    assert parcel.data == number_bytes(parcel)
                    out.append(parcel.header.sequence)
    out += taken(outbox)
    ring.close()
    assert out == sorted(out)
    assert sorted(out + fates.lost) == list(range(len(sizes)))


def number_bytes(parcel: Parcel) -> bytes:
    return parcel.header.sequence.to_bytes(4, "big") * (len(parcel.data) // 4)


def test_a_ring_holds_what_memory_cannot(tmp_path: Path) -> None:
    ring = DiskRing(tmp_path / "ring" / "frames", 100_000)
    outbox, fates = Outbox(1000, ring), Fates()
    for number in range(500):
        outbox.put(fates.parcel(number), wait=False)
    assert fates.lost == []
    assert taken(outbox) == list(range(500))
    ring.close()
    assert not (tmp_path / "ring" / "frames").exists()


def test_a_full_disk_costs_the_oldest_frames_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "frames").symlink_to("/dev/full")
    ring = DiskRing(tmp_path / "frames", 100_000)
    outbox, fates = Outbox(1000, ring), Fates()
    for number in range(30):
        outbox.put(fates.parcel(number), wait=False)
    assert fates.lost == list(range(20))
    assert taken(outbox) == list(range(20, 30))
    assert caplog.text.count(os.strerror(28)) == 1  # told once, not for every frame
    ring.close()


def test_a_ring_that_cannot_be_made_is_told_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Stop, match="file/ring"):
        DiskRing(tmp_path / "file" / "ring", 1000)


def test_a_ring_that_another_process_has_is_told_by_its_path_until_that_gives_it_back(tmp_path: Path) -> None:
    ring = DiskRing(tmp_path / "ring", 1000)
    with pytest.raises(Stop, match="ring: another process has it"):
        DiskRing(tmp_path / "ring", 1000)
    ring.close()
    DiskRing(tmp_path / "ring", 1000).close()
