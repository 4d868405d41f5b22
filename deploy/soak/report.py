"""What a soak found: sums of coverage against the frames on the topic and against the wall clock."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from rich.table import Table

from contracts.messages.coverage import Coverage
from deploy.bench.figures import percentile
from deploy.soak.cameras import FPS


class CameraSums(msgspec.Struct, frozen=True, kw_only=True):
    """Frames of one camera over the whole run. `by_the_clock`: what 15 frames a second make of the time in
    which it was to be read; `on_topic`: frames that stand there, end markers left out."""

    camera: str
    disturbed: bool
    by_the_clock: int
    expected: int
    captured: int
    gated: int
    sent: int
    shed: int
    gaps: dict[str, int]
    on_topic: int

    @property
    def adds_up(self) -> bool:
        """To the frame."""
        missing = sum(self.gaps.values())
        return (
            self.expected == self.captured + missing
            and self.captured == self.gated + self.sent + self.shed
            and self.sent == self.on_topic
        )


class Soak(msgspec.Struct, frozen=True, kw_only=True):
    seconds: float
    cameras: list[CameraSums]
    faults: list[str]
    cores: float
    """Processor time of ingest over the time of the run."""
    mb_by_minute: list[float]
    """Resident memory of ingest."""
    threads: int
    descriptors: int
    latency_p50_ms: float
    latency_p95_ms: float
    """From the camera's own capture time to the frame read back from Kafka, outside the faults."""
    back_after_sec: dict[str, float]
    """From the start of a server that had been killed to a new frame of the last of its cameras."""
    exit_status: int
    stopped_after_sec: float


def sums(
    camera: str, reports: Sequence[Coverage], on_topic: int, *, seconds: float, disturbed: bool
) -> CameraSums:
    """The last reports of each minute and instance, added."""
    gaps: Counter[str] = Counter()
    for report in reports:
        gaps.update({str(reason): frames for reason, frames in report.gaps.items()})
    return CameraSums(
        camera=camera,
        disturbed=disturbed,
        by_the_clock=round(seconds * FPS),
        expected=sum(report.expected for report in reports),
        captured=sum(report.captured for report in reports),
        gated=sum(report.gated for report in reports),
        sent=sum(report.sent for report in reports),
        shed=sum(report.shed for report in reports),
        gaps=dict(gaps),
        on_topic=on_topic,
    )


def latest(reports: Sequence[Coverage]) -> Mapping[str, list[Coverage]]:
    """The last report of each camera, minute and instance, by camera."""
    found = {(report.camera, report.minute, report.instance): report for report in reports}
    by_camera: dict[str, list[Coverage]] = defaultdict(list)
    for report in found.values():
        by_camera[report.camera].append(report)
    return by_camera


def write(path: Path, soak: Soak) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(soak), indent=2) + b"\n")


def table(soak: Soak) -> Table:
    """The figures that have a goal, and what each goal is."""
    quiet = [each for each in soak.cameras if not each.disturbed]
    worst = min((each.captured / each.by_the_clock for each in quiet), default=0.0)
    third = len(soak.mb_by_minute) // 3
    growth_mb = max(soak.mb_by_minute[-third:]) - max(soak.mb_by_minute[:-third]) if third else 0.0
    title = f"{len(soak.cameras)} cameras for {soak.seconds / 60:.1f} minutes"
    found = Table(title=title, title_justify="left")
    for heading in ("", "found", "goal"):
        found.add_column(heading)
    wrong = [each.camera for each in soak.cameras if not each.adds_up]
    off = max(abs(each.expected - each.by_the_clock) for each in soak.cameras)
    missing = sum(sum(each.gaps.values()) for each in soak.cameras)
    back_sec = max(soak.back_after_sec.values(), default=0.0)
    rows = [
        ("cameras whose coverage adds up to the frame", f"{len(soak.cameras) - len(wrong)}", "all"),
        ("expected, by coverage", f"{sum(each.expected for each in soak.cameras):,}", ""),
        ("  farthest from 15 a second by the clock", f"{off} frames", ""),
        ("captured", f"{sum(each.captured for each in soak.cameras):,}", ""),
        ("missing, with a reason", f"{missing:,}", ""),
        ("given up", f"{sum(each.shed for each in soak.cameras):,}", ""),
        ("sent, and standing on the topic", f"{sum(each.sent for each in soak.cameras):,}", ""),
        ("worst camera without a fault of its own", f"{100 * worst:.2f} %", ">= 95 %"),
        ("cores", f"{soak.cores:.2f}", "<= 2"),
        ("memory a camera, most", f"{max(soak.mb_by_minute) / len(soak.cameras):.1f} MB", "<= 40 MB"),
        ("memory, most of the last third more than before", f"{growth_mb:+.0f} MB", "flat"),
        ("camera to Kafka, p95", f"{soak.latency_p95_ms:.0f} ms", "<= 150 ms"),
        ("back after a killed server's start", f"{back_sec:.1f} s", "<= 5 s"),
        ("stopped after", f"{soak.stopped_after_sec:.1f} s, status {soak.exit_status}", "<= 5 s, 0"),
    ]
    for row in rows:
        found.add_row(*row)
    return found


def latencies_ms(
    pairs: Sequence[tuple[float, float]], quiet: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """p50 and p95 of (capture, arrival) pairs in seconds, captured within one of the `quiet` spans."""
    found = [
        1000 * (arrived - captured)
        for captured, arrived in pairs
        if any(begin <= captured < end for begin, end in quiet)
    ]
    return (percentile(found, 0.5), percentile(found, 0.95)) if found else (0.0, 0.0)
