"""The stages that an uploaded picture goes through, in order, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.topics import Topic


@dataclass(frozen=True)
class Stage:
    """`group` is the consumer group by which the stage keeps its place in the topic it `reads`."""

    name: str
    group: str
    reads: str
    work: str


@dataclass(frozen=True)
class StageState:
    """`running`: somebody is in its group. `caught_up`: what this picture gave it is finished."""

    running: bool
    caught_up: bool


STAGES = (
    Stage("sightings", "sightings", Topic.FRAMES.value, "Finding vehicles, plates, characters"),
    Stage("plates", "plates", Topic.SIGHTINGS.value, "Reading the number"),
    Stage("enriched", "enriched", Topic.PLATES.value, "Asking the vehicle registry"),
    Stage("rows", "rows", Topic.PLATES_ENRICHED.value, "Writing the result down"),
)
