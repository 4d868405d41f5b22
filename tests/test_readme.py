"""The README's commands exist: each line of its blocks is a target or sub-command, with options it has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from deploy.cli.main import COMMANDS, commands

CHECKOUT = Path(__file__).parents[1]
LINES = [
    line
    for block in re.findall(r"```sh\n(.*?)```", (CHECKOUT / "README.md").read_text(), re.DOTALL)
    for line in block.splitlines()
]
MAKE = re.compile(r"(?:([A-Z_]+)=\S+ )?make ([a-z-]+)(.*)")


def test_every_line_is_a_command() -> None:
    assert LINES
    assert [line for line in LINES if not MAKE.match(line) and not line.startswith("platestream ")] == []


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("platestream ")])
def test_platestream_has_the_command_and_its_options(line: str) -> None:
    name = line.split()[1]
    assert name in COMMANDS
    group = typer.main.get_command(commands)
    assert isinstance(group, typer.core.TyperGroup)
    command = group.get_command(typer.Context(group), name)
    assert command is not None
    has = {option for parameter in command.params for option in parameter.opts}
    assert [option for option in re.findall(r"--[a-z][a-z-]*", line) if option not in has] == []


@pytest.mark.parametrize("line", [line for line in LINES if MAKE.match(line)])
def test_make_has_the_target_and_its_variables(line: str) -> None:
    found = MAKE.match(line)
    assert found is not None
    variable, target, rest = found.groups()
    targets = dict(re.findall(r"^([a-z-]+):.*## (.*)$", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
    told = re.findall(r"\b([A-Z]+)[= ]", targets[target])
    assert [name for name in re.findall(r"\b([A-Z]+)=", rest) if name not in told] == []
    if variable:
        reading = [
            path for path in (CHECKOUT / "deploy").rglob("*.py") if f'"{variable}"' in path.read_text()
        ]
        assert reading != []
