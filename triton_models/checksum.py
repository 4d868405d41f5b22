"""Which model file a configuration of Triton stands for: the parameter `sha256` of its `config.pbtxt`.

Triton passes on parameters that it does not know, so a client can ask a server which file its configuration
tells. That it has loaded that file is seen to by our own backend alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from contracts.errors import Stop

PARAMETER = "sha256"
_SHORT = 12
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


def refuse_other_content(content: bytes, config: Mapping[str, Any]) -> None:
    """Raises `Stop` when a model's file is not the one that its configuration tells, if that tells any."""
    told, sha256 = checksum_in(config), hashlib.sha256(content).hexdigest()
    if told not in (None, sha256):
        raise Stop(
            f"model {config.get('name')}: its file is sha256 {sha256[:_SHORT]}, "
            f"its config.pbtxt tells {told[:_SHORT]}"
        )
