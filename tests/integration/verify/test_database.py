"""`platestream verify` on a real database in which something was changed, by somebody who owns the server."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from tests.integration.verify.verified import Place, Verified


@pytest.mark.parametrize(
    ("change", "broken", "told"),
    [
        ("UPDATE passages SET text = 'MH12AB9999' WHERE event_id = '{id}'", {"row"}, "text"),
        (
            """UPDATE passages SET event = jsonb_set(event, '{{reading,text}}', '"MH12AB9999"'),
                   text = 'MH12AB9999' WHERE event_id = '{id}'""",
            {"event", "read"},
            "changed after it became number 1",
        ),
        (
            """UPDATE passages SET event = jsonb_set(event, '{{state}}', '"preview"'), state = 'preview'
                   WHERE event_id = '{id}'""",
            {"event"},
            "changed after it became number 1",
        ),
        (
            """UPDATE passages SET state = 'preview', camera = 'elsewhere',
                   event = event || '{{"state": "preview", "camera": "elsewhere"}}'
                   WHERE event_id = '{id}'""",
            {"event"},
            "the chain of its camera does not know it",
        ),
        ("DELETE FROM chain WHERE event_id = '{id}'", {"event", "chain"}, "does not know it"),
        (
            "UPDATE chain SET content = sha256('x') WHERE camera = '{camera}' AND number = 2",
            {"chain"},
            "number 2 was changed",
        ),
        (
            "UPDATE chain SET event_id = '{id}' WHERE camera = '{camera}' AND number = 2",
            {"event", "chain"},
            "number 2 was changed",
        ),
        (
            "UPDATE chain SET event_id = gen_random_uuid() WHERE camera = '{camera}' AND number = 2",
            {"chain"},
            "number 2 was changed",
        ),
        (
            "UPDATE chain SET form = 1 WHERE camera = '{camera}' AND number = 2",
            {"chain"},
            "number 2 was changed",
        ),
        (
            "UPDATE chain SET number = 3 WHERE camera = '{camera}' AND number = 2",
            {"chain"},
            "number 2 is missing",
        ),
    ],
)
def test_a_change_in_the_database_breaks_its_link(
    place: Place, verify: Callable[..., Verified], change: str, broken: set[str], told: str
) -> None:
    place.change(change.format(id=place.event_id, camera=f"verify-{place.event_id[:8]}"))

    done = verify()

    assert done.broken == broken
    assert any(told in each for _, each in done.links.values())
    assert done.status == 1


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("captured_at", "captured_at - interval '1 microsecond'"),
        ("clock", "'rtcp'"),
        ("state", "'preview'"),
        ("camera", "'elsewhere'"),
        ("place", "NULL"),
        ("direction", "'leaving'"),
        ("format_valid", "NOT format_valid"),
        ("lines", "3 - lines"),
        ("plate_colour", "'blue'"),
        ("characters", "jsonb_set(characters, '{0,confidence}', '0.5')"),
        ("candidates", 'candidates || \'[{"text": "KA05MN7007", "probability": 0}]\''),
        ("candidate_texts", "candidate_texts || ARRAY['KA05MN7007']"),
        ("posterior", "posterior - 0"),
        ("corners", "jsonb_set(corners, '{0,0}', '1.5')"),
        ("vehicle_class", "'bus'"),
        ("vehicle_xyxy", "'[0, 0, 10, 10]'"),
        ("models", "models - 0"),
        ("plate_key", "frame_key"),
        ("plate_sha256", "NULL"),
        ("vehicle_width", "vehicle_width + 1"),
        ("frame_position", "jsonb_set(frame_position, '{offset}', '43')"),
    ],
)
def test_each_column_that_is_shown_says_what_the_event_says(
    place: Place, verify: Callable[..., Verified], column: str, other: str
) -> None:
    place.change(f"UPDATE passages SET {column} = {other} WHERE event_id = '{place.event_id}'")

    done = verify()

    broken = {name: told for name, (holds, told) in done.links.items() if not holds}
    assert broken == {"row": f"its columns differ from its event: {column}"}


def test_an_id_that_stands_twice_is_told(place: Place, verify: Callable[..., Verified]) -> None:
    """The key has the capture time as well: the table takes both."""
    place.change(
        f"""CREATE TEMPORARY TABLE twin AS SELECT * FROM passages WHERE event_id = '{place.event_id}';
            ALTER TABLE twin DROP COLUMN text_reversed, DROP COLUMN grams;
            UPDATE twin SET captured_at = captured_at + interval '1 hour', text = 'MH12AB9999';
            DO $$ DECLARE names text; BEGIN
                SELECT string_agg(quote_ident(attname), ',') INTO names FROM pg_attribute
                WHERE attrelid = 'twin'::regclass AND attnum > 0 AND NOT attisdropped;
                EXECUTE format('INSERT INTO passages (%s) SELECT %s FROM twin', names, names);
            END $$"""
    )

    done = verify()

    broken = {name: told for name, (holds, told) in done.links.items() if not holds}
    assert broken == {"row": "its id stands 2 times, and only the earliest is looked at"}
    assert done.status == 1


def test_events_cut_off_the_end_with_their_rows_are_missed_against_a_noted_link(
    place: Place, verify: Callable[..., Verified]
) -> None:
    told = verify().links["chain"][1]
    camera, last = f"verify-{place.event_id[:8]}", told.rpartition(" ")[2]
    assert told == f"2 events of {camera} hang together, the last link is {last}"
    assert verify("--head", f"2:{last}").status == 0

    place.change(
        f"""DELETE FROM passages WHERE event_id IN
                (SELECT event_id FROM chain WHERE camera = '{camera}' AND number = 2);
            DELETE FROM chain WHERE camera = '{camera}' AND number = 2"""
    )

    assert verify().status == 0
    done = verify("--head", f"2:{last}")
    assert done.broken == {"chain"}
    assert done.links["chain"][1].startswith("number 2 is gone; 1 events of ")
    assert done.status == 1


def test_no_role_of_ours_can_write_the_chain(place: Place) -> None:
    for role in ("platestream_writer", "platestream_portal"):
        for statement in (
            "DELETE FROM chain",
            "UPDATE chain SET number = 9",
            "INSERT INTO chain DEFAULT VALUES",
        ):
            uri = f"{place.database}?options=-c%20role%3D{role}"
            with psycopg.connect(uri) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
