"""The import rules and the size of things, read from the source: nothing is imported to check them."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("contracts", "ingest", "processors", "triton_models", "webapp", "deploy")
LONGEST_FILE = 250
LONGEST_FUNCTION = 40
FULLEST_FOLDER = 20
ONE_FILE_A_COMMAND = ROOT / "deploy" / "cli"

MAY_IMPORT = {
    "contracts": set[str](),
    "ingest": {"contracts"},
    "triton_models": {"contracts"},
    "processors": {"contracts", "triton_models"},
    "webapp": {"contracts"},
    "deploy": {"contracts", "ingest", "processors", "triton_models", "webapp"},
}
"""What each package may know of the others. Services meet in topics, tables and the object store."""

ONLY_IN = {
    "faust": ("processors/engine/",),
    "tritonclient": ("processors/adapters/", "deploy/"),
    "onnxruntime": ("processors/adapters/", "triton_models/", "deploy/"),
    # In contracts it takes an address apart as libpq does, and connects to nothing.
    "psycopg": ("processors/adapters/", "webapp/", "deploy/", "contracts/database_address.py"),
    "psycopg_pool": ("processors/adapters/", "webapp/"),
    "obstore": ("processors/adapters/", "webapp/"),
    "httpx": ("processors/adapters/", "processors/registry/", "deploy/"),
    "aiokafka": ("processors/engine/", "processors/adapters/"),
    "av": ("ingest/", "processors/video/", "triton_models/", "deploy/"),
    "flask": ("webapp/",),
    "torch": ("triton_models/training/",),
}
"""Libraries that talk to the world, and the edges that may: whatever else imports one is no longer pure."""


@dataclass(frozen=True)
class Import:
    where: str
    line: int
    module: str

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.where}:{self.line} imports {self.module}"


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def sources_of_tests() -> list[Path]:
    return sorted((ROOT / "tests").rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports() -> Iterator[Import]:
    for path in sources():
        where = path.relative_to(ROOT).as_posix()
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Import):
                yield from (Import(where, node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                yield Import(where, node.lineno, node.module)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_those_it_may(package: str) -> None:
    forbidden = set(PACKAGES) - MAY_IMPORT[package] - {package}

    found = [str(one) for one in imports() if one.where.startswith(f"{package}/") and one.top in forbidden]

    assert found == []


def test_reading_is_beneath_what_looks_and_what_tracks() -> None:
    above = ("processors.cascade", "processors.passages", "processors.engine", "processors.adapters")
    found = [
        str(one) for one in imports()
        if one.where.startswith("processors/readings/") and one.module.startswith(above)
    ]  # fmt: skip
    assert found == []


def test_what_runs_does_not_import_training_or_rendering() -> None:
    apart = ("triton_models.training", "triton_models.rendering")

    found = [
        str(one)
        for one in imports()
        if one.module.startswith(apart) and not one.where.startswith(("deploy/", "triton_models/"))
    ]

    assert found == []


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_that_talks_to_the_world_stays_at_its_edge(library: str) -> None:
    found = [
        str(one) for one in imports() if one.top == library and not one.where.startswith(ONLY_IN[library])
    ]

    assert found == []


def test_only_a_process_reads_the_environment() -> None:
    """`__main__` makes the settings; commands, set-up and what Triton loads are entries of their own."""
    entries = ("deploy/", "triton_models/backends/")

    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        if path.name != "__main__.py" and not path.relative_to(ROOT).as_posix().startswith(entries)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    ]

    assert found == []


@pytest.mark.parametrize(
    "path", [*sources(), *sources_of_tests()], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_files_and_functions_are_short(path: Path) -> None:
    long = [
        f"{node.name} ({length(node)} lines)"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and length(node) > LONGEST_FUNCTION
    ]

    assert path.read_text(encoding="utf-8").count("\n") <= LONGEST_FILE
    assert long == []


def test_no_folder_is_too_full_to_be_seen_at_a_glance() -> None:
    files = Counter(path.parent for path in sources() if path.parent != ONE_FILE_A_COMMAND)

    assert {folder: count for folder, count in files.items() if count > FULLEST_FOLDER} == {}


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_say_what_they_are_for(path: Path) -> None:
    tree = tree_of(path)

    assert not tree.body or ast.get_docstring(tree), "no module docstring"


def test_no_text_of_several_lines_is_written_twice() -> None:
    """A query or a template: of two, one would be forgotten."""
    places: dict[str, set[str]] = {}
    for path in sources():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and is_a_text(node.value):
                places.setdefault(node.value, set()).add(f"{path.relative_to(ROOT)}:{node.lineno}")

    assert [sorted(where) for where in places.values() if len(where) > 1] == []


def is_a_text(value: str) -> bool:
    return "\n" in value and len(value) > 100


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
