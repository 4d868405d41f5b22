"""Topic `plates.enriched`: a plate event and the registry's answer; personal fields only sealed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from contracts.messages.common import UtcTime
from contracts.messages.plate import PlateEvent

SCHEMA_VERSION = 1

RegistryStatus = Literal["found", "not-found", "invalid", "skipped", "pending", "unavailable"]


class VehicleRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the registry says of the vehicle; a field it did not give or gave unreadably is None."""

    make: str | None = None
    model: str | None = None
    vehicle_class: str | None = None
    fuel: str | None = None
    colour: str | None = None
    registered_on: date | None = None
    registered_at: str | None = None
    fitness_upto: date | None = None
    insurance_upto: date | None = None
    status: str | None = None
    blacklisted: bool | None = None
    """None: the registry did not say, which is not the same as False."""


class SealedPersonal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Owner, address, mobile, chassis and engine number, sealed by `contracts.sealing`."""

    key_id: str
    token: bytes


class RegistryAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`simulated` is true when the answer says that it comes from a simulator."""

    status: RegistryStatus
    provider: str
    simulated: bool
    asked_at: UtcTime | None = None
    reason: str | None = None
    vehicle: VehicleRecord | None = None
    owner_masked: str | None = None
    personal: SealedPersonal | None = None


class EnrichedEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    schema: Annotated[int, Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)] = SCHEMA_VERSION
    plate: PlateEvent
    registry: RegistryAnswer
    processed_at: UtcTime
