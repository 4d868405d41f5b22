"""The plan: what waits for what, and the file between `up` and the supervisor."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from deploy.local.plan import Plan, Probe, layers, read_plan, selected, write_plan
from tests.deploy.local.builders import a_process


def test_processes_are_layered_by_what_they_wait_for() -> None:
    specs = [a_process("rows", after=["topics", "migrate"]), a_process("kafka"), a_process("postgres")]
    specs += [a_process("topics", after=["kafka"]), a_process("migrate", after=["postgres"])]

    found = [{spec.name for spec in layer} for layer in layers(specs)]

    assert found == [{"kafka", "postgres"}, {"topics", "migrate"}, {"rows"}]


def test_processes_that_wait_for_each_other_are_named() -> None:
    with pytest.raises(ValueError, match="egg, hen"):
        layers([a_process("egg", after=["hen"]), a_process("hen", after=["egg"])])


def test_a_selection_does_not_wait_for_what_was_left_out() -> None:
    specs = [a_process("triton"), a_process("kafka"), a_process("sightings", after=["triton", "kafka"])]

    found = selected(specs, ["kafka", "sightings"])

    assert [(spec.name, spec.after) for spec in found] == [("kafka", []), ("sightings", ["kafka"])]


def test_a_plan_comes_back_from_its_file_and_is_its_owners_alone(tmp_path: Path) -> None:
    process = a_process("kafka", probe=Probe(host="127.0.0.1", port=9092), env={"PASSWORD": "x"})
    plan = Plan(run="r", state=str(tmp_path), processes=[process])

    write_plan(tmp_path / "plan.json", plan)

    assert read_plan(tmp_path / "plan.json") == plan
    assert stat.S_IMODE((tmp_path / "plan.json").stat().st_mode) == 0o600
