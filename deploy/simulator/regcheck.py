"""A ruling as regcheck says it: XML with a string of JSON inside, a sentence under status 500 otherwise.

Misspelt keys, dates as DD/MM/YYYY and their sentinels are the provider's.
"""

from __future__ import annotations

import json
from datetime import date
from xml.sax.saxutils import escape

from deploy.simulator.outcome import MARK, Reply, Ruling, Verdict
from deploy.simulator.people import starred
from deploy.simulator.records import Entry

_SAID = {
    Verdict.NOT_FOUND: (500, "No data found for this registration number"),
    Verdict.INVALID: (500, "Invalid registration number"),
    Verdict.UNAUTHORIZED: (500, "Invalid username"),
    Verdict.RATE_LIMITED: (429, "Too many requests"),
    Verdict.QUOTA: (500, "Out of credit"),
    Verdict.SERVER_ERROR: (500, "Internal server error"),
    Verdict.MAINTENANCE: (503, "Source under maintenance"),
}


def say(ruling: Ruling) -> Reply:
    if ruling.verdict is Verdict.FOUND and ruling.entry is not None:
        return _found(ruling, ruling.entry)
    status, sentence = _SAID[ruling.verdict]
    return Reply(status, sentence.encode(), "text/plain")


def _found(ruling: Ruling, entry: Entry) -> Reply:
    written = "" if ruling.all_null else json.dumps(_vehicle_json(ruling, entry), indent=1)
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<Vehicle xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns="http://regcheck.org.uk">\n'
        f"<vehicleJson>{escape(written)}</vehicleJson>\n"
        f"<vehicleData><Description>{escape(_description(entry))}</Description>"
        f"<RegistrationYear>{entry.registered_on.year}</RegistrationYear>"
        f"<CarMake><CurrentTextValue>{escape(entry.maker)}</CurrentTextValue></CarMake>"
        f"<CarModel>{escape(entry.model)}</CarModel></vehicleData>\n"
        f"<source>{MARK}</source>\n"
        "</Vehicle>\n"
    )
    return Reply(200, body.encode(), "text/xml")


def _vehicle_json(ruling: Ruling, entry: Entry) -> dict[str, object]:
    hide = starred if ruling.masked else str
    return {
        "Source": MARK,
        "Description": _description(entry),
        "RegistrationYear": str(entry.registered_on.year),
        "CarMake": _current(entry.maker),
        "CarModel": _current(entry.model),
        "EngineSize": _current(str(entry.cubic_capacity)),
        "MakeDescription": _current(entry.maker),
        "ModelDescription": _current(entry.model),
        "NumberOfSeats": _current(str(entry.kind.seats)),
        "VechileIdentificationNumber": hide(entry.chassis),
        "EngineNumber": hide(entry.engine),
        "FuelType": _current(entry.fuel),
        "RegistrationDate": _day(entry.registered_on),
        "Owner": hide(entry.person.name),
        "Fitness": _day(entry.fitness_upto),
        "Insurance": "01/01/0001" if entry.insurance_upto is None else _day(entry.insurance_upto),
        "PUCC": "NA",
        "VehicleType": entry.kind.description,
        "Location": entry.registered_at,
        "ImageUrl": "",
    }


def _description(entry: Entry) -> str:
    return f"{entry.maker} {entry.model}"


def _current(text: str) -> dict[str, str]:
    return {"CurrentTextValue": text}


def _day(day: date) -> str:
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"
