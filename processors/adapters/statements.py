"""The SQL of the rows stage: column names in, statements out. The guards against going back are here."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import sql

JSON_COLUMNS = frozenset(
    (
        *("characters", "candidates", "posterior", "corners", "vehicle_xyxy", "models", "frame_position"),
        *("vehicle_record", "event"),
    )
)
_KEY = ("event_id", "captured_at")
COUNTERS = ("expected", "captured", "gated", "sent", "shed", "processed", "plates", "lag_ms")
_TOLD = ("state", "note", "gaps", "shed_by", "scene", "clock", "clock_error_ms")

# One writer at a time, so that `change` grows in the order in which changes become visible: a board that
# asks for what came after the last change it saw misses nothing. Ends with the transaction.
TAKE_TURN = sql.SQL("SELECT pg_advisory_xact_lock(hashtext('platestream passages writer'))")
ENSURE_PARTITIONS = sql.SQL("SELECT ensure_passage_partitions(current_date - 7, current_date + 28)")
ADD_TO_CHAIN = sql.SQL("SELECT add_to_chain(%(camera)s, %(event_id)s, %(content)s)")
NOTIFY = sql.SQL("SELECT pg_notify('plates', %s)")


def upsert_passage(columns: Iterable[str]) -> sql.Composed:
    """A row is replaced by a later state of its passage alone.

    final before preview, then the higher revision, then the answer that knows more, then the later one.
    """
    names = tuple(columns)
    return sql.SQL(
        """
        INSERT INTO passages AS kept ({names}) VALUES ({values})
        ON CONFLICT (event_id, captured_at) DO UPDATE
        SET {changes}, change = nextval('passage_changes'), changed_at = clock_timestamp()
        WHERE (excluded.state = 'final', excluded.revision, registry_rank(excluded.registry_status),
               excluded.enriched_at)
            > (kept.state = 'final', kept.revision, registry_rank(kept.registry_status), kept.enriched_at)
        RETURNING event_id, change
        """
    ).format(
        names=sql.SQL(", ").join(map(sql.Identifier, names)),
        values=sql.SQL(", ").join(map(sql.Placeholder, names)),
        changes=sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in names if name not in _KEY
        ),
    )


# Counters of one writer only grow, so the larger of two reports is the later one, in whatever order.
UPSERT_COVERAGE = sql.SQL(
    """
    INSERT INTO coverage AS kept (camera, minute, stage, instance, {counters}, {told})
    VALUES (%(camera)s, %(minute)s, %(stage)s, %(instance)s, {values}, {told_values})
    ON CONFLICT (camera, minute, stage, instance) DO UPDATE
    SET {changes}, {told_changes}, stored_at = clock_timestamp()
    WHERE ({excluded}) >= ({kept})
    """
).format(
    counters=sql.SQL(", ").join(map(sql.Identifier, COUNTERS)),
    values=sql.SQL(", ").join(map(sql.Placeholder, COUNTERS)),
    told=sql.SQL(", ").join(map(sql.Identifier, _TOLD)),
    told_values=sql.SQL(", ").join(map(sql.Placeholder, _TOLD)),
    told_changes=sql.SQL(", ").join(
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in _TOLD
    ),
    changes=sql.SQL(", ").join(
        sql.SQL("{0} = greatest(kept.{0}, excluded.{0})").format(sql.Identifier(name)) for name in COUNTERS
    ),
    excluded=sql.SQL(" + ").join(
        sql.SQL("excluded.{}").format(sql.Identifier(name)) for name in COUNTERS[:-1]
    ),
    kept=sql.SQL(" + ").join(sql.SQL("kept.{}").format(sql.Identifier(name)) for name in COUNTERS[:-1]),
)

# `greatest` ignores NULL; the frame and the place are those of the latest passage.
UPSERT_CAMERA_OF_PASSAGE = sql.SQL(
    """
    INSERT INTO cameras AS kept (id, place, last_passage_at, last_frame_key)
    VALUES (%(camera)s, %(place)s, %(captured_at)s, %(frame_key)s)
    ON CONFLICT (id) DO UPDATE
    SET place = coalesce(excluded.place, kept.place), last_passage_at = excluded.last_passage_at,
        last_frame_key = coalesce(excluded.last_frame_key, kept.last_frame_key)
    WHERE kept.last_passage_at IS NULL OR excluded.last_passage_at >= kept.last_passage_at
    """
)
UPSERT_CAMERA_OF_REPORT = sql.SQL(
    """
    INSERT INTO cameras AS kept (id, last_frame_at, last_report_at, state, note, scene, clock, clock_error_ms,
                                 time_zone)
    VALUES (%(camera)s, %(last_frame_at)s, %(reported_at)s, %(state)s, %(note)s, %(scene)s, %(clock)s,
            %(clock_error_ms)s, %(time_zone)s)
    ON CONFLICT (id) DO UPDATE
    SET last_frame_at = greatest(kept.last_frame_at, excluded.last_frame_at),
        last_report_at = excluded.last_report_at, state = excluded.state, note = excluded.note,
        scene = excluded.scene, clock = excluded.clock, clock_error_ms = excluded.clock_error_ms,
        time_zone = excluded.time_zone
    WHERE kept.last_report_at IS NULL OR excluded.last_report_at >= kept.last_report_at
    """
)
