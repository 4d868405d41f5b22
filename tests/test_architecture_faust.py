"""What Faust offers and no stage uses, since it loses messages or their order: read from the source."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.test_architecture import ROOT, sources, tree_of

Finds = Callable[[ast.Module], Iterator[ast.AST]]


def batches(tree: ast.Module) -> Iterator[ast.AST]:
    """`take` and its kin on a stream: looped over, or where Faust is at hand, called at all."""
    kin = ("take", "take_events", "take_with_timestamp", "noack_take")
    loops = [
        node.iter
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFor) or (isinstance(node, ast.comprehension) and node.is_async)
    ]
    for part in [tree] if imports_faust(tree) else loops:
        yield from calls(part, kin)


def sinks(tree: ast.Module) -> Iterator[ast.AST]:
    yield from (word for word in keywords(tree) if word.arg in ("sink", "sinks"))
    yield from calls(tree, ("add_sink",))


def concurrency(tree: ast.Module) -> Iterator[ast.AST]:
    for word in keywords(tree):
        only_one = isinstance(word.value, ast.Constant) and word.value.value == 1
        if word.arg == "concurrency" and not only_one:
            yield word


def sends(tree: ast.Module) -> Iterator[ast.AST]:
    if imports_faust(tree):
        yield from calls(tree, ("send", "send_soon", "cast", "ask"))


def tables(tree: ast.Module) -> Iterator[ast.AST]:
    yield from calls(tree, ("Table", "GlobalTable", "SetTable", "SetGlobalTable"))


RULES: dict[str, tuple[Finds, str, str]] = {
    "take": (
        batches,
        "Faust acknowledges a whole batch even when the loop over it raised: it would be lost. "
        "`BatchDriver` gathers.",
        "async for some in stream.noack().take(9, within=1): ...",
    ),
    "sink": (
        sinks,
        "A sink sends without key and headers, and nobody waits until Kafka has it. `Desk.deliver` sends.",
        "app.agent(source, sink=[results])(feed)",
    ),
    "concurrency": (
        concurrency,
        "Actors share one queue: the order of a camera is lost, and offsets are committed past messages "
        "that are unfinished. A driver works on many at a time.",
        "app.agent(source, concurrency=2)(feed)",
    ),
    "send": (
        sends,
        "A send of Faust that fails is only logged, and its message committed all the same. "
        "`KafkaDelivery` waits for the replicas.",
        "import faust\nasync def feed(results): await results.send(value=b'')",
    ),
    "table": (
        tables,
        "A table's changelog may be ahead of the offsets after a kill: it would count twice. "
        "State is built from the log again.",
        "seen = app.Table('seen', default=int)",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_stage_does_without_what_faust_loses_messages_by(rule: str) -> None:
    finds, why, _ = RULES[rule]

    found = [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for path in sources()
        if path.is_relative_to(ROOT / "processors")
        for node in finds(tree_of(path))
    ]

    assert found == [], why


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_would_find_it(rule: str) -> None:
    finds, _, broken = RULES[rule]

    assert list(finds(ast.parse(broken)))


def imports_faust(tree: ast.Module) -> bool:
    names = (
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    )
    return any(name.partition(".")[0] == "faust" for name in names)


def calls(tree: ast.AST, names: tuple[str, ...]) -> Iterator[ast.Call]:
    """Calls of a method with one of these names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
            yield node


def keywords(tree: ast.AST) -> Iterator[ast.keyword]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.keyword))
