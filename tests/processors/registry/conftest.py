from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from processors.registry.answers import Registry
from processors.registry.inquiries import Inquiries, InquiryRules
from tests.processors.registry_fakes import RULES, OpenDesk, a_sealer


@pytest.fixture
async def open_desk() -> AsyncIterator[OpenDesk]:
    """`open_desk(registry, rules=..., clock=...)`: the desk's questions end with the test."""
    opened: list[Inquiries] = []

    def make(registry: Registry, *, rules: InquiryRules = RULES, **parts: object) -> Inquiries:
        opened.append(Inquiries(registry, a_sealer(), rules=rules, **parts))  # type: ignore[arg-type]
        return opened[-1]

    yield make
    for inquiries in opened:
        await inquiries.close()
