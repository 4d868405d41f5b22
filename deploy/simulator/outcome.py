"""What the register decided about one call, before any dialect has put it into words."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from deploy.simulator.records import Entry

MARK_HEADER = "X-RTO-Source"
MARK = "simulator"


class Verdict(StrEnum):
    FOUND = "found"
    NOT_FOUND = "not-found"
    INVALID = "invalid"
    UNAUTHORIZED = "unauthorized"
    RATE_LIMITED = "rate-limited"
    QUOTA = "quota"
    SERVER_ERROR = "server-error"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True)
class Ruling:
    """`asked` is the number in the answer; `masked_flag` is what the answer claims about the owner."""

    verdict: Verdict
    asked: str = ""
    entry: Entry | None = None
    masked: bool = True
    masked_flag: bool = True
    all_null: bool = False
    retry_after_sec: int = 0


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)
