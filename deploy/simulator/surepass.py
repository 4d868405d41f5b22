"""A ruling as Surepass says it: JSON, 422 for "not found", codes in `message_code`.

The shapes of an empty purse and of too many calls are not documented by the provider; 402 and 429 with
codes of the usual kind stand in for them.
"""

from __future__ import annotations

import json
from datetime import date

from deploy.simulator.outcome import MARK, Reply, Ruling, Verdict
from deploy.simulator.people import starred
from deploy.simulator.records import Entry

_SAID = {
    Verdict.NOT_FOUND: (422, "verification_failed", "Verification Failed."),
    Verdict.INVALID: (400, "invalid_id_number", "Invalid id_number."),
    Verdict.UNAUTHORIZED: (401, "unauthorized", "Unauthorized."),
    Verdict.RATE_LIMITED: (429, "rate_limit_exceeded", "Too many requests."),
    Verdict.QUOTA: (402, "insufficient_balance", "Insufficient balance."),
    Verdict.SERVER_ERROR: (500, "internal_server_error", "Something went wrong."),
    Verdict.MAINTENANCE: (503, "source_unavailable", "Source under maintenance."),
}


def say(ruling: Ruling) -> Reply:
    if ruling.verdict is Verdict.FOUND and ruling.entry is not None:
        return _reply(200, data=record(ruling, ruling.entry), code="success", message=None)
    status, code, message = _SAID[ruling.verdict]
    return _reply(status, data=None, code=code, message=message)


def record(ruling: Ruling, entry: Entry) -> dict[str, object]:
    fields = _fields(ruling, entry)
    return dict.fromkeys(fields) if ruling.all_null else fields


def _fields(ruling: Ruling, entry: Entry) -> dict[str, object]:
    return {**_person_and_vehicle(ruling, entry), **_papers(ruling, entry)}


def _person_and_vehicle(ruling: Ruling, entry: Entry) -> dict[str, object]:
    person = entry.person
    hide = starred if ruling.masked else str
    return {
        "client_id": f"simulator-{entry.engine}",
        "rc_number": ruling.asked,
        "registration_date": entry.registered_on.isoformat(),
        "owner_name": hide(person.name),
        # Real registers forget to hide the father's name; a client must not rely on masking.
        "father_name": person.father,
        "present_address": hide(person.present_address),
        "permanent_address": hide(person.permanent_address),
        "mobile_number": hide(person.mobile),
        "vehicle_category": entry.kind.code,
        "vehicle_category_description": entry.kind.description,
        "vehicle_chasi_number": hide(entry.chassis),
        "vehicle_engine_number": hide(entry.engine),
        "maker_description": entry.maker,
        "maker_model": entry.model,
        "body_type": entry.kind.body,
        "fuel_type": entry.fuel,
        "color": entry.colour,
    }


def _papers(ruling: Ruling, entry: Entry) -> dict[str, object]:
    return {
        "norms_type": "BHARAT STAGE VI" if entry.registered_on.year >= 2020 else "BHARAT STAGE IV",
        "fit_up_to": entry.fitness_upto.isoformat(),
        "financer": "SPECIMEN BANK LTD" if entry.financed else "",
        "financed": entry.financed,
        "insurance_company": "EXAMPLE GENERAL INSURANCE CO LTD",
        "insurance_policy_number": f"SIM/{entry.engine}",
        "insurance_upto": _date_or_sentinel(entry.insurance_upto),
        "manufacturing_date": f"{entry.registered_on.month}/{entry.registered_on.year}",
        "registered_at": entry.registered_at,
        "latest_by": None,
        "less_info": False,
        # Numbers come as text, as they do there.
        "cubic_capacity": str(entry.cubic_capacity),
        "seat_capacity": str(entry.kind.seats),
        "pucc_upto": None,
        "permit_number": "",
        "blacklist_status": "TRUE" if entry.blacklisted else "",
        "noc_details": "NA",
        "owner_number": str(entry.owner_number),
        "rc_status": "ACTIVE",
        "masked_name": ruling.masked_flag,
        "challan_details": None,
        "variant": None,
    }


def _date_or_sentinel(day: date | None) -> str:
    return "1900-01-01" if day is None else day.isoformat()


def balance(credits_left: int | None) -> Reply:
    return _reply(200, data={"balance": credits_left}, code="success", message=None)


def _reply(status: int, *, data: dict[str, object] | None, code: str, message: str | None) -> Reply:
    body = {
        "data": data,
        "status_code": status,
        "success": status == 200,
        "message": message,
        "message_code": code,
        "source": MARK,
    }
    return Reply(status, json.dumps(body).encode(), "application/json")
