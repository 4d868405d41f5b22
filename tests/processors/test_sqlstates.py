"""Every class of PostgreSQL's errors is waited for, set aside, or ends the stage."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from contracts.errors import PlatestreamError, SetAside, Stop, TryAgain
from processors.adapters.database import translated
from processors.adapters.sqlstates import Means, meaning

EXPECTED = {
    "08006": Means.TRY_AGAIN,  # connection failure
    "40001": Means.TRY_AGAIN,  # serialisation failure
    "40P01": Means.TRY_AGAIN,  # deadlock
    "53100": Means.TRY_AGAIN,  # disk full
    "53300": Means.TRY_AGAIN,  # too many connections
    "55P03": Means.TRY_AGAIN,  # lock not available
    "57014": Means.TRY_AGAIN,  # query cancelled
    "57P01": Means.TRY_AGAIN,  # admin shutdown
    "57P03": Means.TRY_AGAIN,  # cannot connect now
    "58030": Means.TRY_AGAIN,  # IO error
    "25006": Means.TRY_AGAIN,  # read only: a standby
    "22003": Means.SET_ASIDE,  # out of range
    "22021": Means.SET_ASIDE,  # character not in repertoire
    "23502": Means.SET_ASIDE,  # not null
    "23514": Means.SET_ASIDE,  # check
    "54000": Means.SET_ASIDE,  # an index row too large
    "42501": Means.STOP,  # insufficient privilege
    "42P01": Means.STOP,  # undefined table
    "42703": Means.STOP,  # undefined column
    "28P01": Means.STOP,  # wrong password
    "3D000": Means.STOP,  # no such database
    "25001": Means.STOP,  # a transaction where none may be
    "0A000": Means.STOP,  # not supported
    "XX001": Means.STOP,  # data corrupted
    "P0001": Means.STOP,  # raised by a function
}
KINDS: dict[Means, type[PlatestreamError]] = {
    Means.TRY_AGAIN: TryAgain,
    Means.SET_ASIDE: SetAside,
    Means.STOP: Stop,
}


@pytest.mark.parametrize(("sqlstate", "means"), EXPECTED.items())
def test_a_state_means_the_same_in_the_table_and_as_the_driver_raises_it(sqlstate: str, means: Means) -> None:
    assert meaning(sqlstate) is means
    with pytest.raises(KINDS[means]), translated():
        raise errors.lookup(sqlstate)("said by the server")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (psycopg.OperationalError("connection refused"), TryAgain),
        (psycopg.InterfaceError("the connection is closed"), TryAgain),
        (psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"), SetAside),
        (psycopg.ProgrammingError("cannot adapt type"), Stop),
    ],
)
def test_what_the_driver_finds_by_itself_has_no_state_and_is_known_by_its_kind(
    error: psycopg.Error, kind: type[PlatestreamError]
) -> None:
    with pytest.raises(kind), translated():
        raise error
