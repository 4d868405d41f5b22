"""Counts of an evaluation -> `accuracy.json` and the table that people see.

accuracy.json: `schema`, `pictures` (the folder), `split`, `limit`, `models` [{name, version, sha256}],
`goals` [{area, name, value, unit, goal, holds}], `end_to_end` {source or class: {pictures, plates,
exact, recall, precision_of_accepted, accepted, distinct_texts, beside_labels, milliseconds}}, `alone` {model:
{source or class: figures}} (each model by itself), `peers` {what: {model: {source: figures}}} (others'
models on the same pictures, beside ours: average precisions, and rates of cascades), `voting` {sequences,
frames, one_frame, voted} (of pictures that show one plate several times), `invented` {without, unlabelled:
{pictures, accepted, any_text, reads}} (pictures that are said to hold no plate, and those on which none is
labelled), `calibration_error`,
`reliability` [{reads, confidence, right}],
`threshold_for_98` {confidence, accepts} (from which confidence on 98 % are right),
`confusions` [{true, read, times}], `failures` [{picture, text, read, confidence, accepted}], `skipped`
[{picture, why}].
Every rate is {right, of, rate, low, high}: low and high are Wilson's 95 % interval.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from triton_models.training.evaluation.intervals import Rate
from triton_models.training.evaluation.outcomes import Outcome, outcome_figures
from triton_models.training.evaluation.plates import SourceCounts
from triton_models.training.labels.annotations import Skipped

SCHEMA = 1
EVERYTHING = "all"
ALONE, IN_WHOLE, WIDE = "plates alone", "in whole pictures", "60 px and wider"
EXACT_GOALS = {
    EVERYTHING: 0.85,
    f"{IN_WHOLE}, {WIDE}": 0.95,
    f"{IN_WHOLE}, two lines": 0.90,
    ALONE: 0.97,
}
ACCEPTED_GOAL = 0.97
"""Of what is accepted, right."""
INVENTED_GOAL = 0.005
"""Of pictures without any plate, at most: those on which a read is accepted."""


def source_figures(count: SourceCounts) -> dict[str, Any]:
    return {
        "pictures": count.pictures,
        "plates": count.labelled,
        "exact": count.exact_rate.figures(),
        "recall": count.recall.figures(),
        "precision_of_accepted": count.precision.figures(),
        "accepted": count.accepted,
        "distinct_texts": count.distinct.figures(),
        "beside_labels": count.not_labelled,
        "milliseconds": round(statistics.median(count.milliseconds), 1) if count.milliseconds else None,
    }


def report(
    *,
    pictures: str,
    split: str,
    limit: int | None,
    models: Iterable[Mapping[str, str]],
    counts: Mapping[str, SourceCounts],
    alone: Mapping[str, Mapping[str, Mapping[str, Any]]],
    outcomes: Sequence[Outcome],
    peers: Mapping[str, Any],
    voting: Mapping[str, Any],
    invented: Mapping[str, Any],
    skipped: Sequence[Skipped],
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "pictures": pictures,
        "split": split,
        "limit": limit,
        "models": [dict(model) for model in models],
        "goals": [*_goals(counts), *_goal_of_invented(invented)],
        "end_to_end": {name: source_figures(counts[name]) for name in _ordered(counts)},
        "alone": {
            model: {name: figures[name] for name in _ordered(figures)} for model, figures in alone.items()
        },
        "peers": dict(peers),
        "voting": dict(voting),
        "invented": dict(invented),
        **outcome_figures(outcomes),
        "skipped": [{"picture": item.picture, "why": item.why} for item in skipped],
    }


def _goals(counts: Mapping[str, SourceCounts]) -> list[dict[str, Any]]:
    """Of the classes that the folder has; of everything in any case."""
    everything = counts.get(EVERYTHING, SourceCounts())
    return [
        *(
            _goal(f"plates read exactly: {name}", counts.get(name, everything).exact_rate, goal)
            for name, goal in EXACT_GOALS.items()
            if name == EVERYTHING or name in counts
        ),
        _goal("accepted reads that are right", everything.precision, ACCEPTED_GOAL),
    ]


def _goal(name: str, rate: Rate, goal: float) -> dict[str, Any]:
    value = rate.value
    return {
        "area": "models",
        "name": name,
        "value": None if value is None else round(value, 4),
        "unit": "share",
        "goal": goal,
        "holds": value is not None and value >= goal,
    }


def _goal_of_invented(invented: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Only where the folder has pictures that are known to hold no plate."""
    without = invented.get("without")
    if not without or not without["pictures"]:
        return []
    value = without["accepted"]["rate"]
    return [
        {
            "area": "models",
            "name": "pictures without a plate: a read is accepted, at most",
            "value": value,
            "unit": "share",
            "goal": INVENTED_GOAL,
            "holds": value <= INVENTED_GOAL,
        }
    ]


def _ordered(names: Iterable[str]) -> list[str]:
    """Everything first, then by name."""
    return sorted(names, key=lambda name: (name != EVERYTHING, name))


HEADINGS = ("plates of", "pictures", "plates", "found, %", "read exactly, %", "accepted right, %", "texts, %",
            "ms")  # fmt: skip


def rows(counts: Mapping[str, SourceCounts]) -> list[tuple[str, ...]]:
    """One row a source or class, in the order of `HEADINGS`."""
    table: list[tuple[str, ...]] = []
    for name in _ordered(counts):
        count = counts[name]
        milliseconds = f"{statistics.median(count.milliseconds):.0f}" if count.milliseconds else "–"
        table.append(
            (
                name,
                str(count.pictures),
                str(count.labelled),
                count.recall.text(),
                count.exact_rate.text(),
                f"{count.precision.text()} of {count.accepted}",
                count.distinct.text(),
                milliseconds,
            )
        )
    return table
