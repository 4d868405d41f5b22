"""A database's address that nothing can be opened by: told in one line, without the password in it."""

from __future__ import annotations

import traceback

import pytest

from contracts.errors import Stop
from deploy.database_address import check_database_address
from deploy.migrate import migrate

NOT_UNDERSTOOD = [
    "postgresql://owner:s3cr3t%zz@127.0.0.1:9/platestream",
    "postgresql://owner:s3cr3t@[127.0.0.1/platestream",
    "host=127.0.0.1 password=my s3cr3t",
    "platestream",
]


@pytest.mark.parametrize("address", NOT_UNDERSTOOD)
def test_an_address_that_is_none_is_refused_without_a_word_of_it(address: str) -> None:
    with pytest.raises(Stop, match="the database's address cannot be understood") as refused:
        migrate(address)

    assert "s3cr3t" not in "".join(traceback.format_exception(refused.value)).replace(address, "")


@pytest.mark.parametrize(
    "address",
    ["postgresql://owner:s3cr3t%25zz@127.0.0.1:9/platestream", "host=127.0.0.1 password='my s3cr3t'"],
)
def test_an_address_of_either_form_is_taken(address: str) -> None:
    check_database_address(address)
