"""The role that the database's address asks for is the one by which the portal works."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from deploy.migrate import migrate
from webapp.database import Database
from webapp.queries.audit import LooksWanted, count_looks, find_looks
from webapp.queries.export import export_lines
from webapp.queries.search import Wanted, count_passages


@dataclass(frozen=True)
class Session:
    user: str
    zone: str


def test_the_portal_works_by_the_role_of_its_address(database: str) -> None:
    migrate(database)
    portal = Database(database + "?options=" + quote("-c role=platestream_portal", safe=""))

    found = portal.one(Session, "SELECT current_user AS user, current_setting('timezone') AS zone", {})
    portal.run("INSERT INTO looks (user_name, action, query) VALUES ('asha', 'search', 'plate=MH12*')", {})
    looks = find_looks(portal, wanted=LooksWanted(plate="MH12AB1234"), before=None, limit=9, reader="asha")

    assert found == Session("platestream_portal", "UTC")
    assert [look.query for look in looks] == ["plate=MH12*"]
    assert count_looks(portal, wanted=LooksWanted(plate="MH12*")) == 1
    assert export_lines(portal, wanted=Wanted(user_name="asha"), before=None, limit=9) == []
    assert count_passages(portal, wanted=Wanted(user_name="asha", vehicle="bus")) == 0
    portal.close()
