"""Which model file a configuration of Triton stands for: the parameter `sha256` of its `config.pbtxt`.

Triton passes on parameters that it does not know, so a client can ask a server what it serves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

PARAMETER = "sha256"
_GAP = r"(?:\s|#[^\n]*\n)*"
_BEFORE = _GAP.join(
    [r"\bkey", ":", rf"[\"']{PARAMETER}[\"']", "[,;]?", "value", ":?", r"\{", "string_value", ":", "[\"']"]
)
_PARTS = re.compile(
    # Comments and other texts are passed over whole: a parameter that is commented out is none.
    rf"""\#[^\n]*|(?P<before>{_BEFORE})[^"'\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""
)


def with_checksum(config: str, sha256: str) -> str:
    """The text of a `config.pbtxt`, made to stand for this file: in the parameter's place, or at the end."""
    is_there = False

    def put_in(part: re.Match[str]) -> str:
        nonlocal is_there
        if part["before"] is None:
            return part[0]
        is_there = True
        return f"{part['before']}{sha256}"

    text = _PARTS.sub(put_in, config).rstrip("\n")
    if is_there:
        return f"{text}\n"
    return f'{text}\nparameters {{ key: "{PARAMETER}" value: {{ string_value: "{sha256}" }} }}\n'


def checksum_in(config: Mapping[str, Any]) -> str | None:
    """The one that a configuration tells, as Triton gives it in JSON, in small letters; None where it tells
    none."""
    told = config.get("parameters", {}).get(PARAMETER, {}).get("string_value")
    return str(told).lower() if told else None
