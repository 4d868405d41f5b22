"""A name as everybody may see it: every second character hidden, as India's registers show it."""

from __future__ import annotations


def masked(name: str | None) -> str | None:
    """`ASHA SHARMA` as `A*H* S*A*M*`; a word of which half is hidden already stays as it came.

    Word by word: registers put stars at the end of names and hide one name of two, too.
    """
    if name is None:
        return None
    return " ".join(word if _is_masked(word) else _masked_word(word) for word in name.split())


def _is_masked(word: str) -> bool:
    # As much as is hidden of a word here: one stray star in it hides nothing.
    return word.count("*") >= max(len(word) // 2, 1)


def _masked_word(word: str) -> str:
    # A word of one letter would stand there in full; an initial with a surname tells too much.
    if len(word) == 1:
        return "*"
    return "".join(character if place % 2 == 0 else "*" for place, character in enumerate(word))
