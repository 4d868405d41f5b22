"""The table at the end of a demo, and whether the demo kept its promises."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table

from deploy.measure.flow import Flow
from deploy.measure.truth import Verdict


def frames_waiting(flow: Flow, left: Mapping[str, int]) -> int:
    """Frames that no stage has taken up yet: they stand on the topic and are read when the stack is up again,
    so they are not lost. `left`: messages that each stage has not finished."""
    return min(flow.lost_frames, left.get("sightings", 0))


def summary_table(flow: Flow, verdict: Verdict | None, left: Mapping[str, int]) -> Table:
    """Counts of the run; with the truth of rendered films, what of it was found and read."""
    waiting = frames_waiting(flow, left)
    table = Table(title="What became of it", show_header=False, title_justify="left")
    rows: list[tuple[str, str]] = [
        ("frames captured", f"{flow.captured:,}"),
        ("frames sent to recognition", f"{flow.frames:,}"),
        ("frames shed", f"{flow.shed:,}"),
        ("sightings", f"{flow.sightings:,}"),
        ("set aside as dead letters", f"{flow.set_aside:,}"),
        ("final plates", f"{flow.finals:,}"),
        ("enriched by the registry", f"{flow.enriched:,}"),
        ("stored in the database", f"{flow.stored:,}"),
        *([("frames still waiting", f"{waiting:,}")] if waiting else []),
        ("lost", f"{flow.lost - waiting:,}"),
    ]
    if verdict is not None:
        rows += [
            ("vehicles that passed (truth)", f"{verdict.passed:,}"),
            ("… found as a final plate", f"{verdict.found:,} ({verdict.found_share:.1%})"),
            ("… read exactly", f"{verdict.exact:,} ({verdict.exact_share:.1%})"),
            ("finals of one vehicle twice", f"{verdict.double:,}"),
            ("finals of vehicles still passing, or hardly legible", f"{verdict.optional:,}"),
            ("finals of no vehicle", f"{verdict.invented:,}"),
        ]
    for name, value in rows:
        table.add_row(name, value)
    return table


def without_plates(flow: Flow) -> bool:
    """Whether every frame was looked at and none showed a plate that could be read: of somebody's own video
    that is an answer, not a fault."""
    return flow.sightings > 0 and flow.finals == 0 and flow.lost == 0


def complaints(flow: Flow, left: Mapping[str, int], *, plates_expected: bool = True) -> list[str]:
    """Why the run is no success; empty when it is one."""
    found = [f"{stage} did not finish: {lag} messages left" for stage, lag in left.items()]
    counts = (
        ("frames captured", flow.captured),
        ("frames sent", flow.frames),
        ("sightings", flow.sightings),
        ("final plates", flow.finals),
        ("plates enriched", flow.enriched),
        ("plates stored", flow.stored),
    )
    # The first one alone: those after it had nothing to work on.
    missing = next((what for what, count in counts if count == 0), None)
    if missing is not None and (plates_expected or not without_plates(flow)):
        found.append(f"no {missing}: that stage produced nothing")
    lost_frames = flow.lost_frames - frames_waiting(flow, left)
    if lost_frames:
        found.append(f"{lost_frames} frames lost between ingest and recognition")
    if flow.repeated:
        found.append(f"{flow.repeated} rows of the database are of a passage that has one already")
    if flow.lost_plates:
        found.append(f"{flow.lost_plates} final plates are not in the database")
    return found
