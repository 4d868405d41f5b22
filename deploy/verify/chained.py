"""The chain of a camera -> whether its event is in it, and whether it hangs together. No IO."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.chain import WITH_ID, WITHOUT_ID, content_sha256, first_link_sha256, link_sha256
from contracts.errors import Stop
from deploy.verify.links import Verdict

SHOWN_DIGITS = 12
"""Hexadecimal digits of a link that are told, and that a noted one has at least."""
_LISTED = 3
"""Earlier numbers of an event that are told one by one."""


@dataclass(frozen=True)
class ChainLine:
    """A line of the table `chain`, hashes as 32 bytes; `form` says what its link holds."""

    number: int
    event_id: str
    content: bytes
    previous: bytes
    link: bytes
    form: int

    @property
    def hangs_together(self) -> bool:
        """Its link is that of what the line says."""
        if self.form not in (WITHOUT_ID, WITH_ID):
            return False
        made = link_sha256(self.previous, self.content, event_id=self.event_id, form=self.form)
        return made == self.link


@dataclass(frozen=True)
class Head:
    """A link of a chain as it was noted elsewhere: its number, and hexadecimal digits that it begins with."""

    number: int
    link_hex: str

    @classmethod
    def of(cls, noted: str) -> Head:
        """Of NUMBER:HEX.

        Raises:
            Stop: it is not written so.
        """
        written = re.fullmatch(
            rf"([1-9][0-9]{{0,17}}):([0-9a-f]{{{SHOWN_DIGITS},64}})…?", noted.strip().lower()
        )
        if written is None:
            wanted = f"a number and {SHOWN_DIGITS} to 64 hexadecimal digits are wanted, as in 12:3fa9c07d51e2"
            raise Stop(f"--head {noted}: {wanted}")
        return cls(int(written[1]), written[2])


def of_event(raw: Mapping[str, Any], lines: Sequence[ChainLine], event_id: str) -> Verdict:
    """The event is the one that the camera's chain vouched for last. That it was given before is told: of a
    parked vehicle it is, again and again."""
    mine = [line for line in lines if line.event_id == event_id]
    if not mine:
        return Verdict("event", holds=False, told="the chain of its camera does not know it")
    content, last = content_sha256(raw), mine[-1]
    if last.content == content:
        told = f"number {last.number} of its camera's chain{_given_before(mine[:-1])}"
        return Verdict("event", holds=True, told=told)
    earlier = [line.number for line in mine if line.content == content]
    if earlier:
        told = f"it is number {earlier[-1]} again, after it had become number {last.number}"
        return Verdict("event", holds=False, told=told)
    return Verdict("event", holds=False, told=f"it was changed after it became number {last.number}")


def _given_before(earlier: Sequence[ChainLine]) -> str:
    if not earlier:
        return ""
    numbers = ", ".join(str(line.number) for line in earlier[:_LISTED])
    more = len(earlier) - _LISTED
    return f", given before as {numbers}" + (f" and {more} more" if more > 0 else "")


def of_chain(camera: str, lines: Sequence[ChainLine], head: Head | None = None) -> Verdict:
    """Every event of the camera, from its first to its latest, hangs on the one before; where a `head` was
    noted, it is still in the chain."""
    before, number = first_link_sha256(camera), 0
    for line in lines:
        if line.number != number + 1:
            told = (
                f"number {number + 1} is missing" if line.number > number else f"{line.number} stands twice"
            )
            return Verdict("chain", holds=False, told=told)
        if line.previous != before:
            return Verdict("chain", holds=False, told=f"number {line.number} does not hang on {number}")
        if not line.hangs_together:
            return Verdict("chain", holds=False, told=f"number {line.number} was changed")
        before, number = line.link, line.number
    if not lines:
        return _with_head(f"no event of {camera} is in it", lines, head)
    told = f"{number} events of {camera} hang together, the last link is {_shown(before)}"
    return _with_head(told, lines, head)


def _with_head(told: str, lines: Sequence[ChainLine], head: Head | None) -> Verdict:
    """A chain that hangs together, against the link that was noted of it."""
    if head is None:
        return Verdict("chain", holds=True, told=told)
    if head.number > len(lines):
        return Verdict("chain", holds=False, told=f"number {head.number} is gone; {told}")
    link = lines[head.number - 1].link
    if not link.hex().startswith(head.link_hex):
        other = f"number {head.number} has another link, {_shown(link)}"
        return Verdict("chain", holds=False, told=f"{other}; {told}")
    return Verdict("chain", holds=True, told=f"{told}; number {head.number} has the link that was noted")


def _shown(link: bytes) -> str:
    return f"{link.hex()[:SHOWN_DIGITS]}…"
