"""What is sealed inside `SealedPersonal`: JSON of this, never on a topic or in a table in the open."""

from __future__ import annotations

from msgspec import Struct


class PersonalData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As the registry gave it, possibly masked by it already. It does not print."""

    owner: str | None = None
    father: str | None = None
    present_address: str | None = None
    permanent_address: str | None = None
    mobile: str | None = None
    chassis: str | None = None
    engine: str | None = None

    def __repr__(self) -> str:
        return "PersonalData(…)"
