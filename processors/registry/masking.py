"""A name as everybody may see it: every second character hidden, as India's registers show it."""

from __future__ import annotations


def masked(name: str | None) -> str | None:
    """`ASHA SHARMA` as `A*H* S*A*M*`; what is masked already stays as it came."""
    if name is None or "*" in name:
        return name
    return " ".join(_masked_word(word) for word in name.split())


def _masked_word(word: str) -> str:
    # A word of one letter would stand there in full; an initial with a surname tells too much.
    if len(word) == 1:
        return "*"
    return "".join(character if place % 2 == 0 else "*" for place, character in enumerate(word))
