"""Migrations on a real PostgreSQL, and what the two roles may and may not do."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg import errors

from contracts.errors import Stop, TryAgain
from deploy.migrate import Migration, migrate, read_migrations
from deploy.verify.chained import of_chain
from deploy.verify.kept import CHAIN, line_of

PORTAL, WRITER = "platestream_portal", "platestream_writer"
EVENT = "5b3f7d0c-8f2e-5a51-9d8e-0c6a1a2b3c4d"


@pytest.fixture(scope="module")
def migrated(database: str) -> str:
    migrate(database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            """INSERT INTO passages (event_id, captured_at, best_captured_at, last_captured_at, clock,
                   processed_at, enriched_at, state, revision, camera, origin, epoch, text, frames, reads,
                   agreement, models, registry_status, registry_provider, registry_simulated, owner_masked,
                   sealed_key_id, sealed_personal, event)
               VALUES (%s, now(), now(), now(), 'host', now(), now(), 'final', 1, 'gate', 'live', 'e1',
                   'MH12AB1234', 1, 1, 1, '[]', 'found', 'surepass', true, 'A*', 'k', 'sealed', '{}')""",
            (EVENT,),
        )
    return database


@pytest.fixture
def portal(migrated: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(f"{migrated}?options=-c%20role%3D{PORTAL}", autocommit=True) as connection:
        yield connection


@pytest.fixture
def writer(migrated: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(f"{migrated}?options=-c%20role%3D{WRITER}", autocommit=True) as connection:
        yield connection


def test_migrating_again_changes_nothing(migrated: str) -> None:
    assert migrate(migrated) == []


def test_two_migrators_at_once_take_turns(database_server: Any) -> None:
    uri = database_server.variables()["PLATESTREAM_DATABASE"]
    server, _, _ = uri.rpartition("/")
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("CREATE DATABASE at_once")
        with ThreadPoolExecutor(3) as pool:
            done = list(pool.map(lambda _: migrate(f"{server}/at_once"), range(3)))
        connection.execute("DROP DATABASE at_once WITH (FORCE)")
    assert sorted(map(len, done)) == [0, 0, len(read_migrations())]


def test_a_migration_changed_after_it_was_applied_is_refused(migrated: str) -> None:
    first, *rest = read_migrations()
    changed = Migration(first.number, first.name, first.sql + " ")
    with pytest.raises(Stop, match="0001_tables was changed"):
        migrate(migrated, migrations=[changed, *rest])


def test_a_database_of_a_later_version_is_refused(migrated: str) -> None:
    with pytest.raises(Stop, match="does not know"):
        migrate(migrated, migrations=read_migrations()[:-1])


def test_a_migration_that_fails_leaves_nothing_behind(migrated: str) -> None:
    known = read_migrations()
    broken = Migration(len(known) + 1, "broken", "CREATE TABLE half (a int); SELECT nonsense")
    with pytest.raises(Stop, match=r"broken.*nonsense"):
        migrate(migrated, migrations=[*known, broken])
    with psycopg.connect(migrated) as connection:
        assert connection.execute("SELECT to_regclass('half')").fetchone() == (None,)


def test_a_database_that_is_away_is_named_without_its_password() -> None:
    with pytest.raises(TryAgain) as refused:
        migrate("postgresql://someone:s3cret@127.0.0.1:9/none", wait_sec=0.5)
    assert "s3cret" not in str(refused.value)


def test_a_chain_of_before_goes_on_and_its_new_lines_vouch_for_their_events(database_server: Any) -> None:
    uri = database_server.variables()["PLATESTREAM_DATABASE"]
    older = f"{uri.rpartition('/')[0]}/older"
    add = "SELECT add_to_chain('gate', %s, sha256('event'))"
    ids = [uuid.uuid4() for _ in range(3)]
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("CREATE DATABASE older")
        for event_id, known in zip(ids, (7, None, None), strict=True):
            migrate(older, migrations=read_migrations()[:known])
            with psycopg.connect(older) as writer:
                writer.execute(add, (event_id,))
                writer.execute(add, (event_id,))
        with psycopg.connect(older) as reader:
            lines = [line_of(*row) for row in reader.execute(CHAIN, ("gate",)).fetchall()]
        connection.execute("DROP DATABASE older WITH (FORCE)")

    assert [(line.event_id, line.form) for line in lines] == [
        (str(event_id), form) for event_id, form in zip(ids, (1, 2, 2), strict=True)
    ]
    assert of_chain("gate", lines).holds


def test_the_portal_reads_passages_but_not_sealed_owner_data(portal: psycopg.Connection[Any]) -> None:
    assert portal.execute("SELECT text, owner_masked FROM passages").fetchall() == [("MH12AB1234", "A*")]
    with pytest.raises(errors.InsufficientPrivilege):
        portal.execute("SELECT sealed_personal FROM passages")


def test_the_portal_gets_owner_data_only_with_a_line_in_the_audit(portal: psycopg.Connection[Any]) -> None:
    look = "SELECT * FROM look_at_owner(%s, %s, %s, %s, %s)"
    seen = portal.execute(look, (EVENT, "asha", "case 12", ["owner"], "10.0.0.9")).fetchall()
    assert seen == [("MH12AB1234", "k", b"sealed")]
    line = portal.execute("SELECT user_name, action, event_id::text, reason, fields FROM looks").fetchone()
    assert line == ("asha", "owner", EVENT, "case 12", ["owner"])


@pytest.mark.parametrize(("who", "why"), [("", "case 12"), ("asha", " "), ("asha", None)])
def test_a_look_needs_a_user_and_a_reason(portal: psycopg.Connection[Any], who: str, why: str | None) -> None:
    with pytest.raises(errors.CheckViolation):
        portal.execute("SELECT * FROM look_at_owner(%s, %s, %s, '{owner}')", (EVENT, who, why))


@pytest.mark.parametrize(
    "forbidden",
    [
        "UPDATE passages SET text = 'X'",
        "DELETE FROM passages",
        "INSERT INTO cameras (id) VALUES ('x')",
        "DELETE FROM looks",
        "UPDATE looks SET reason = ''",
        "DELETE FROM uploads",
        "TRUNCATE coverage",
        "SELECT ensure_passage_partitions(current_date, current_date)",
        "SELECT * FROM schema_migrations",
        "CREATE TABLE mine (a int)",
    ],
)
def test_the_portal_may_not(portal: psycopg.Connection[Any], forbidden: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        portal.execute(forbidden.encode())


@pytest.mark.parametrize(
    "forbidden",
    [
        "DELETE FROM passages",
        "SELECT * FROM uploads",
        "SELECT * FROM looks",
        "INSERT INTO looks (user_name, action) VALUES ('x', 'y')",
        "SELECT * FROM look_at_owner(gen_random_uuid(), 'a', 'b', '{}')",
        "SELECT move_from_default('passages', now(), now())",
    ],
)
def test_the_writer_may_not(writer: psycopg.Connection[Any], forbidden: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        writer.execute(forbidden.encode())


@pytest.mark.parametrize("forbidden", ["UPDATE looks SET reason = ''", "DELETE FROM looks", "TRUNCATE looks"])
def test_nobody_edits_the_audit_by_accident(migrated: str, forbidden: str) -> None:
    with (
        psycopg.connect(migrated, autocommit=True) as owner,
        pytest.raises(errors.InsufficientPrivilege, match="never changed"),
    ):
        owner.execute(forbidden.encode())


def test_the_portal_keeps_uploads(portal: psycopg.Connection[Any]) -> None:
    portal.execute(
        """INSERT INTO uploads (id, user_name, object_key, sha256, bytes, width, height)
           VALUES (gen_random_uuid(), 'asha', 'uploads/x.jpg', 'ab', 1, 1, 1)"""
    )
    portal.execute("UPDATE uploads SET status = 'sent'")
    assert portal.execute("SELECT status FROM uploads").fetchall() == [("sent",)]


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("text = 'MH12AB1234'", "text"),
        ("text LIKE 'MH12%'", "text"),
        ("text_reversed LIKE reverse('1234') || '%'", "text_reversed"),
        ("grams @> ARRAY['2AB', 'AB1'] AND text LIKE '%2AB1%'", "grams"),
        ("candidate_texts @> ARRAY['MH12AB1234']", "candidate"),
        ("camera = 'gate' AND captured_at > now() - interval '1 hour'", "camera"),
        ("change > 5", "change"),
    ],
)
def test_every_search_of_the_portal_has_an_index(migrated: str, condition: str, index: str) -> None:
    with psycopg.connect(migrated, autocommit=True) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(f"EXPLAIN SELECT event_id FROM passages WHERE {condition}".encode())
        lines = "\n".join(line for (line,) in plan.fetchall())
    assert index in lines.partition("Filter")[0]
    assert "Seq Scan" not in lines


def test_a_user_that_may_make_no_tables_is_told_so_in_one_line(database_server: Any) -> None:
    uri = database_server.variables()["PLATESTREAM_DATABASE"]
    server, _, _ = uri.rpartition("/")
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("CREATE DATABASE of_others")
        connection.execute("CREATE ROLE plain_user")

    with pytest.raises(Stop, match=r"permission denied for schema public: may this user make tables there\?"):
        migrate(f"{server}/of_others?options=-c%20role%3Dplain_user")
