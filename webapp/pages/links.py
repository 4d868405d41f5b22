"""Addresses of the portal's own pages with what was asked for in them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import url_for


def link(place: str, given: Mapping[str, str], **more: str) -> str:
    """The page of an endpoint with `given` and `more` as its query, none where nothing is asked for."""
    query = urlencode({**given, **more})
    return f"{url_for(place)}?{query}" if query else url_for(place)
