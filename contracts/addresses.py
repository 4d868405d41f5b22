"""Addresses of cameras: what of one may be printed, and which could not be opened anyway (RFC 3986)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

SCHEMES = frozenset({"rtsp", "rtsps", "http", "https", "v4l2"})

_ENDS_AUTHORITY = re.compile(r"[/?#]")
_PORT = re.compile(r"\d{1,5}$")


def without_credentials(source: str) -> str:
    """An address without user, password, query and fragment; a path of a file as it is.

    Whatever may be a part of a password is left out, also of one whose /, ? or # should have been escaped:
    then what stands before the last @ is not shown.
    """
    scheme, separator, rest = source.partition("://")
    if not separator:
        return source
    authority = _ENDS_AUTHORITY.split(rest, maxsplit=1)[0]
    if "@" in rest and (":" in authority or "@" in authority):
        before, _, rest = rest.rpartition("@")
        if _ENDS_AUTHORITY.search(before):
            rest = f"…@{rest}"
    return f"{scheme}://{re.split(r'[?#]', rest, maxsplit=1)[0]}"


def check_address(source: str) -> None:
    """Nothing to say of a path.

    Raises:
        ValueError: an address that nothing could be opened by; told without its credentials.
    """
    scheme, separator, rest = source.partition("://")
    if not separator:
        return
    if scheme not in SCHEMES:
        raise ValueError(f"source: {scheme}:// is none of {', '.join(sorted(SCHEMES))}")
    authority = _ENDS_AUTHORITY.split(rest, maxsplit=1)[0]
    _, colon, after = authority.rpartition(":")
    is_host = not colon or authority.endswith("]") or _PORT.match(after)
    if not is_host and "@" not in authority and "@" in rest:
        raise ValueError("source: in a user or password /, ? and # are written %2F, %3F and %23")
    try:
        urlsplit(source)
    except ValueError as error:
        raise ValueError(f"source: {without_credentials(source)} is no address") from error
