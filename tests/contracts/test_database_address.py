"""A database's address that nothing can be opened by: told in one line, without the password in it."""

from __future__ import annotations

import traceback

import pytest

from contracts.database_address import check_database_address
from contracts.errors import Stop
from deploy.migrate import migrate
from processors.adapters.database import Database
from webapp.settings import from_environment as settings_of_the_portal

NOT_UNDERSTOOD = [
    "postgresql://owner:s3cr3t%zz@127.0.0.1:9/platestream",
    "postgresql://owner:s3cr3t@[127.0.0.1/platestream",
    "postgresql://owner:s3c@r3t/more@127.0.0.1/platestream",
    "host=127.0.0.1 password=my s3cr3t",
    "platestream",
]


def portal(address: str) -> None:
    others = dict.fromkeys(("KAFKA", "EVIDENCE", "UPLOADS", "SECRETS"), "somewhere") | {"HTTP": "127.0.0.1:1"}
    settings_of_the_portal(
        {f"PLATESTREAM_{name}": value for name, value in others.items()} | {"PLATESTREAM_DATABASE": address}
    )


@pytest.mark.parametrize("address", NOT_UNDERSTOOD)
@pytest.mark.parametrize("opened", [migrate, Database, portal])
def test_an_address_that_is_none_is_refused_without_a_word_of_it(address: str, opened: object) -> None:
    assert callable(opened)
    with pytest.raises(Stop, match="the database's address cannot be understood") as refused:
        opened(address)

    told = "".join(traceback.format_exception(refused.value)).replace(address, "")
    assert not any(part in told for part in ("s3cr3t", "r3t", "s3c"))


@pytest.mark.parametrize(
    "address",
    ["postgresql://owner:s3cr3t%25%40%2Fzz@127.0.0.1:9/platestream", "host=127.0.0.1 password='my s3cr3t'"],
)
def test_an_address_of_either_form_is_taken(address: str) -> None:
    check_database_address(address)
