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
    """What the registry says of the vehicle; a field it did not give or gave unreadably is null."""

    make: str | None = None
    """Manufacturer."""
    model: str | None = None
    """Model, as the manufacturer names it."""
    vehicle_class: str | None = None
    """The registry's class of the vehicle."""
    fuel: str | None = None
    """Fuel."""
    colour: str | None = None
    """Colour of the vehicle."""
    registered_on: date | None = None
    """Day of registration."""
    registered_at: str | None = None
    """Office of registration."""
    fitness_upto: date | None = None
    """Last day of the fitness certificate."""
    insurance_upto: date | None = None
    """Last day of the insurance."""
    status: str | None = None
    """The registration's status, in the registry's words."""
    blacklisted: bool | None = None
    """Whether the registry lists it as blacklisted; null: it did not say, which is not the same as false."""


class SealedPersonal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Owner, address, mobile, chassis and engine number, sealed by `contracts.sealing`."""

    key_id: str
    """Which key opens it."""
    token: bytes
    """The sealed fields, base64."""


class RegistryAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the registry was asked about the plate's text, and what came of it."""

    status: RegistryStatus
    """What came of asking; `pending` is answered by a later event, `skipped` was not asked for."""
    provider: str
    """Who answered."""
    simulated: bool
    """The answer says itself that it comes from a simulator."""
    asked_at: UtcTime | None = None
    """When it was asked, UTC; null when it was not."""
    reason: str | None = None
    """Why there is no vehicle, in words."""
    vehicle: VehicleRecord | None = None
    """What the registry says of the vehicle; null when it was not found."""
    owner_masked: str | None = None
    """The owner's name with most letters hidden."""
    personal: SealedPersonal | None = None
    """Personal data, sealed; null when there is none."""


class EnrichedEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plate event with the registry's answer; a final whose answer is `pending` comes again with it."""

    schema: Annotated[int, Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)] = SCHEMA_VERSION
    """Version of this contract."""
    plate: PlateEvent
    """The event that it belongs to, as it stood on `plates`."""
    registry: RegistryAnswer
    """What the registry answered."""
    processed_at: UtcTime
    """When this event was made, UTC, by the clock of the host."""
