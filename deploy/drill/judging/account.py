"""What a run has left behind, compared with what it must have: by its sightings, its films, its evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor

from contracts.messages.plate import PlateEvent
from contracts.topics import Topic
from deploy.drill.judging.database import (
    DrilledFinal,
    Stored,
    differences,
    final_of,
    never_answered,
    of_upload,
    stored_passages,
)
from deploy.drill.judging.evidence import broken_links, evidence_store
from deploy.drill.judging.expected import expected_finals, incoming
from deploy.drill.judging.judgement import Judgement, judge
from deploy.drill.report import DrillReport
from deploy.drill.scene.cameras import Filmed
from deploy.local.stack import Stack
from deploy.measure.flow import Flow, Marks, count_flow
from deploy.measure.log import LogReader
from processors.adapters.cards import models_used
from processors.adapters.triton import TritonInference
from processors.fused_look import FusedLook
from processors.passages.settings import PassageSettings
from processors.settings import from_environment


def account(stack: Stack, topics: LogReader, since: Marks, filmed: Filmed, upload: str | None) -> DrillReport:
    """Everything but the kills of one run; `upload` is the camera of the picture that the portal took."""
    expected = asyncio.run(_expected(stack, topics, since, filmed))
    database = stack.variables()["PLATESTREAM_DATABASE"]
    stored = stored_passages(database)
    flow = count_flow(topics, database, since)
    wanted = {event_id: final_of(event) for event_id, event in expected.items()}
    judgement = judge(filmed, stored, flow.seen_until)
    report = report_of(wanted, stored, flow, judgement)
    report.failures += untested(wanted.values(), filmed, judgement)
    report.failures += of_upload(stored, upload) if upload else []
    report.failures += broken_links(database, evidence_store(stack.variables()), stored.finals)
    return report


def report_of(
    wanted: Mapping[str, DrilledFinal], stored: Stored, flow: Flow, judgement: Judgement
) -> DrillReport:
    """What was found of the finals that are wanted, of every frame and of every vehicle."""
    missing, failures = differences(stored, wanted)
    failures += [f"final {event_id} ({wanted[event_id]}) is not in the database" for event_id in missing]
    failures += [f"double: {each}" for each in stored.double]
    failures += judgement.missed
    failures += never_answered(stored)
    if flow.set_aside:
        failures.append(f"{flow.set_aside} messages were set aside, and nothing in a drill is poison")
    return DrillReport(
        finals_expected=len(wanted),
        finals_lost=len(missing) + flow.lost_plates,
        rows_double=len(stored.double) + stored.repeated,
        frames_lost=flow.lost_frames,
        unanswered=len(stored.unanswered),
        vehicles_passed=judgement.passed,
        vehicles_found=judgement.found,
        vehicles_exact=judgement.exact,
        vehicles_barely_legible=judgement.barely_legible,
        vehicles_gone_on=judgement.gone_on,
        vehicles_unrecognised=judgement.unrecognised,
        finals_twice=judgement.twice,
        finals_of_no_vehicle=len(judgement.of_none),
        finals_without_plate=sum(final.told.text is None for final in stored.finals.values()),
        remarks=[*judgement.misread, *judgement.of_none],
        failures=failures,
    )


def untested(finals: Collection[DrilledFinal], filmed: Filmed, judgement: Judgement) -> list[str]:
    """What a run was to show and did not meet with, by the finals that are wanted of it."""
    told = [final.told for final in finals]
    read_at = {final.camera for final in finals if final.told.text}
    met = {
        "final plate": any(final.text for final in told),
        "final without a plate": any(final.text is None for final in told),
        "crossed line": any(final.crossed for final in told),
        "vehicle that had passed the street": judgement.passed > 0,
        **{f"final plate of camera {camera}": camera in read_at for camera in sorted(filmed.texts)},
    }
    return [
        f"no {kind} at all was expected: nothing of it was tested" for kind, was in met.items() if not was
    ]


async def _expected(stack: Stack, topics: LogReader, since: Marks, filmed: Filmed) -> dict[str, PlateEvent]:
    """With the stack's own Triton: another may differ in the last digit, and so in a doubtful letter."""
    until = topics.ends(Topic.SIGHTINGS)
    settings = from_environment(stack.variables())
    inference = TritonInference(settings.triton, models_used(settings.model_repository), timeout_sec=30.0)
    sightings = map(incoming, topics.read(Topic.SIGHTINGS, since=since[Topic.SIGHTINGS], until=until))
    with ThreadPoolExecutor(1, thread_name_prefix="looks") as pool:
        try:
            look = FusedLook(inference, pool, PassageSettings()).again
            return await expected_finals(sightings, look, filmed.cameras)
        finally:
            await inference.close()
