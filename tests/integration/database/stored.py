"""Events to be stored, and what a database holds of them."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row

from contracts.messages.enriched import EnrichedEvent
from tests.contracts.builders import a_plate_event, a_registry_answer, an_enriched_event


def query(uri: str, sql: str, *values: Any) -> list[dict[str, Any]]:
    with psycopg.connect(uri, autocommit=True, row_factory=dict_row) as connection:
        return connection.execute(sql.encode(), values or None).fetchall()


def stored(uri: str, event_id: str) -> list[dict[str, Any]]:
    return query(uri, "SELECT * FROM passages WHERE event_id = %s", event_id)


def an_event(event_id: str, *, registry: dict[str, Any] | None = None, **plate: Any) -> EnrichedEvent:
    return an_enriched_event(
        plate=a_plate_event(event_id=event_id, **plate),
        registry=a_registry_answer(**(registry or {})),
    )
