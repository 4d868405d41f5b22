"""The enrichment against the real simulator over HTTP, in both dialects, well and unwell."""

from __future__ import annotations

import logging
import time

import httpx
import msgspec
import pytest

from contracts.codec import decode
from contracts.errors import Stop
from contracts.messages.enriched import EnrichedEvent
from contracts.messages.personal import PersonalData
from contracts.topics import Topic
from processors.adapters.registry import open_registry
from processors.enriched import Enrichment, LateAnswers
from processors.registry.answers import Outcome
from processors.registry.inquiries import Inquiries, InquiryRules
from tests.contracts.builders import a_plate_event
from tests.integration.registry_simulator import Simulator, StartSimulator
from tests.processors.registry_fakes import a_sealer
from tests.processors.rows_builders import an_incoming

DIALECTS = ["surepass", "regcheck"]
NUMBER = "MH12AB1234"


@pytest.fixture(scope="module")
def well(simulator: StartSimulator) -> Simulator:
    return simulator(LATENCY_SCALE="0")


@pytest.fixture(scope="module")
def down(simulator: StartSimulator) -> Simulator:
    return simulator(PROFILE="down", LATENCY_SCALE="0")


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_both_dialects_tell_of_the_same_vehicle_and_say_that_it_is_simulated(
    well: Simulator, dialect: str
) -> None:
    async with well.registry(dialect) as registry, well.registry("surepass") as other:
        answer, same = await registry.ask(NUMBER), await other.ask(NUMBER)
    assert answer.simulated
    assert answer.vehicle is not None
    assert same.vehicle is not None
    assert answer.personal is not None
    assert (answer.vehicle.make, answer.vehicle.registered_on) == (
        same.vehicle.make,
        same.vehicle.registered_on,
    )
    assert "*" in (answer.personal.owner or "")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        ("HJ01ME5678", Outcome.FOUND),
        ("HJ01ME5279", Outcome.NOT_FOUND),
        ("199CD99", Outcome.NOT_FOUND),
        ("QQ", Outcome.INVALID_INPUT),
        ("HJ01ME0401", Outcome.MISCONFIGURED),
        ("HJ01ME0402", Outcome.QUOTA),
        ("HJ01ME0429", Outcome.RATE_LIMITED),
        ("HJ01ME0500", Outcome.UPSTREAM_DOWN),
        ("HJ01ME0502", Outcome.UPSTREAM_DOWN),
        ("HJ01ME0503", Outcome.UPSTREAM_DOWN),
        ("HJ01ME0001", Outcome.MALFORMED),
        ("HJ01ME0003", Outcome.NOT_FOUND),
        ("HJ01ME0005", Outcome.MALFORMED),
    ],
)
async def test_each_fault_is_told_apart_in_each_dialect(
    well: Simulator, dialect: str, number: str, outcome: Outcome
) -> None:
    async with well.registry(dialect) as registry:
        answer = await registry.ask(number)
    assert (answer.outcome, answer.simulated) == (outcome, True)
    assert (answer.retry_after_sec is not None) == (outcome is Outcome.RATE_LIMITED)


async def test_an_answer_about_another_number_is_nonsense_where_the_number_is_repeated(
    well: Simulator,
) -> None:
    async with well.registry("surepass") as registry:
        assert (await registry.ask("HJ01ME0002")).outcome is Outcome.MALFORMED


async def test_a_registry_that_hangs_is_given_up_in_time(well: Simulator) -> None:
    async with well.registry("surepass", timeout_sec=0.3) as registry:
        began = time.monotonic()
        assert (await registry.ask("HJ01ME0504")).outcome is Outcome.TIMEOUT
    assert time.monotonic() - began < 2


async def test_nobody_listens(well: Simulator) -> None:
    async with open_registry("http://127.0.0.1:9", dialect="surepass", key="k") as registry:
        assert (await registry.ask(NUMBER)).outcome is Outcome.UPSTREAM_DOWN


async def test_a_wrong_key_is_our_mistake_and_not_the_plates(well: Simulator) -> None:
    for dialect in DIALECTS:
        async with well.registry(dialect, key="wrong") as registry:
            assert (await registry.ask(NUMBER)).outcome is Outcome.MISCONFIGURED


def test_every_answer_is_marked_even_where_there_is_nothing(well: Simulator) -> None:
    with httpx.Client(base_url=well.address, trust_env=False) as client:
        replies = [
            client.get("/nowhere"),
            client.get("/health"),
            client.post("/api/v1/rc/rc-full", content=b"["),
        ]
        replies.append(client.post("/api/v1/rc/rc-full", content=b"x" * 100_000))
    assert {reply.headers["X-RTO-Source"] for reply in replies} == {"simulator"}
    assert [reply.status_code for reply in replies] == [404, 200, 400, 413]


async def test_a_share_a_minute_is_told_with_the_time_to_wait(simulator: StartSimulator) -> None:
    async with simulator(PER_MINUTE="2", LATENCY_SCALE="0").registry("surepass") as registry:
        answers = [await registry.ask(NUMBER) for _ in range(3)]
    assert [answer.outcome for answer in answers] == [Outcome.FOUND, Outcome.FOUND, Outcome.RATE_LIMITED]
    assert 0 < (answers[2].retry_after_sec or 0) <= 60


async def test_the_owner_in_full_is_sealed_on_the_topic(simulator: StartSimulator) -> None:
    async with simulator(OWNERS="full", LATENCY_SCALE="0").registry("surepass") as registry:
        desk = Inquiries(registry, a_sealer())
        [sent] = await Enrichment(desk).handle(an_incoming(a_plate_event(), topic=Topic.PLATES))
        in_full = (await registry.ask(NUMBER)).personal
        await desk.close()
    answer = decode(EnrichedEvent, sent.value).registry
    assert in_full is not None
    assert in_full.owner is not None
    assert answer.personal is not None
    opened = msgspec.json.decode(
        a_sealer().open(answer.personal.token, registration=NUMBER), type=PersonalData
    )
    assert opened == in_full
    assert in_full.owner.encode() not in sent.value
    assert str(in_full.mobile).encode() not in sent.value


async def test_a_registry_that_is_down_holds_no_plate_and_its_answer_comes_when_it_is_back(
    well: Simulator, down: Simulator
) -> None:
    rules = InquiryRules(first_pause_sec=0.01)
    async with down.registry("surepass") as registry:
        desk = Inquiries(registry, a_sealer(), rules=rules)
        began = time.monotonic()
        [pending] = await Enrichment(desk).handle(an_incoming(a_plate_event(), topic=Topic.PLATES))
        assert time.monotonic() - began < 3
        await desk.close()
    assert decode(EnrichedEvent, pending.value).registry.status == "pending"
    async with well.registry("surepass") as registry:
        desk = Inquiries(registry, a_sealer(), rules=rules)
        [late] = await LateAnswers(desk).handle(an_incoming(None, value=pending.value))
        await desk.close()
    assert decode(EnrichedEvent, late.value).registry.status == "found"


async def test_no_log_line_holds_the_key_or_the_plate(
    well: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    # By name too: what sets a process's logging up, in a test before this one, quiets the libraries.
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="httpx"):
        for dialect in DIALECTS:
            async with well.registry(dialect) as registry:
                await registry.ask(NUMBER)
                assert well.key not in repr(registry)
    said = caplog.text + well.log.read_text()
    assert "HTTP Request" in said
    assert well.key not in said
    assert NUMBER not in said


@pytest.mark.parametrize(
    ("address", "dialect", "key", "named"),
    [
        ("ftp://x", "surepass", "k", "no http"),
        ("http://registry.example", "surepass", "k", "https alone"),
        ("https://user:pw@x", "surepass", "k", "credentials"),
        ("https://x?key=1", "surepass", "k", "credentials"),
        ("https://x", "vahan", "k", "regcheck, surepass"),
        ("https://x", "surepass", "a\nb", "one line"),
        ("https://x", "surepass", "", "one line"),
    ],
)
def test_a_wrong_setting_stops_without_showing_secrets(
    address: str, dialect: str, key: str, named: str
) -> None:
    with pytest.raises(Stop, match=named) as stopped:
        open_registry(address, dialect=dialect, key=key)
    assert "pw" not in str(stopped.value)
