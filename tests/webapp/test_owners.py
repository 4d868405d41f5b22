"""Sealed owner data become lines for people, or a reason why not that says nothing of the owner."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages.personal import PersonalData
from contracts.sealing import Sealer
from tests.webapp.builders import a_sealed_owner
from webapp.owners import LABELS, NotShown, key_for, opened, reason_of
from webapp.queries.owners import SealedOwner

KEY, OTHER_KEY = Sealer(b"k" * 32), Sealer(b"o" * 32)
NOW = datetime(2026, 11, 23, 6, 31, tzinfo=UTC)


def sealed(key: Sealer = KEY, registration: str = "MH12AB1234", **given_fields: Any) -> SealedOwner:
    columns = a_sealed_owner(key, registration, **given_fields)
    return SealedOwner(registration, columns["sealed_key_id"], columns["sealed_personal"], NOW)


def test_every_field_has_a_name_for_people() -> None:
    assert tuple(LABELS) == PersonalData.__struct_fields__


def test_what_the_registry_gave_is_shown_and_no_more() -> None:
    owner = opened(KEY, sealed(mobile="9000000001", chassis=""), reason="case 4711/2026")

    assert owner.lines == [
        ("Name", "RAHUL SHARMA"), ("Present address", "12 Invented Street"), ("Mobile", "9000000001"),
    ]  # fmt: skip
    assert (owner.registration, owner.recorded_at) == ("MH12AB1234", NOW)
    assert "RAHUL" not in repr(owner)
    assert not owner.masked_there
    assert opened(KEY, sealed(owner="R*H*L S*A*M*"), reason="case 4711/2026").masked_there


def of_another_number() -> SealedOwner:
    moved = sealed(registration="MH12AB9999")
    return SealedOwner("MH12AB1234", moved.key_id, moved.sealed, NOW)


def no_owner_data() -> SealedOwner:
    token = KEY.seal(b'{"owner": ["RAHUL SHARMA"]}', registration="MH12AB1234")
    return SealedOwner("MH12AB1234", KEY.key_id, token, NOW)


@pytest.mark.parametrize(
    ("given_data", "status", "why"),
    [
        (None, 409, "The registry gave no owner with its answer."),
        (
            sealed(OTHER_KEY),
            503,
            f"The owner was sealed with the key {OTHER_KEY.key_id}; the portal has the key {KEY.key_id}.",
        ),
        (
            of_another_number(),
            503,
            f"What was sealed with the key {KEY.key_id} was changed, or belongs to another number.",
        ),
        (no_owner_data(), 503, "What was sealed is no owner data that this release knows."),
    ],
    ids=["nothing", "other key", "other number", "other data"],
)
def test_what_does_not_open_is_told_by_name(given_data: SealedOwner | None, status: int, why: str) -> None:
    with pytest.raises(NotShown) as raised:
        opened(KEY, given_data, reason="case 4711/2026")

    assert (str(raised.value), raised.value.status) == (why, status)


@pytest.mark.parametrize(
    ("key", "registry", "status", "why"),
    [
        (None, "found", 503, "The portal has no key of owner data (PLATESTREAM_OWNER_KEY_FILE)."),
        (KEY, "pending", 409, "The registry gave no owner: Still being asked."),
        (KEY, "not-found", 409, "The registry gave no owner: Not in the registry."),
        (KEY, "unavailable", 409, "The registry gave no owner: Registry was away."),
    ],
)
def test_without_a_key_or_an_answer_nobody_looks(
    key: Sealer | None, registry: str, status: int, why: str
) -> None:
    with pytest.raises(NotShown) as raised:
        key_for(key, status=registry)

    assert (str(raised.value), raised.value.status) == (why, status)


@given(st.text(max_size=60) | st.none())
def test_a_reason_is_one_line_without_control_characters(text: str | None) -> None:
    reason = reason_of(text)

    assert reason == " ".join(reason.split())
    assert not [character for character in reason if ord(character) < 0x20 or character == "\x7f"]
    assert reason_of(reason) == reason


def test_words_of_a_reason_stay_as_they_were_written() -> None:
    assert reason_of("  case\r\n4711 \x00 हिन्दी\u200d\t") == "case 4711 हिन्दी\u200d"
