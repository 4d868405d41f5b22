"""What the answers of the two providers mean, in the words in which they come."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.registry.answers import Outcome, Reply
from processors.registry.regcheck import Regcheck
from processors.registry.surepass import Surepass

NUMBER = "MH12AB1234"
SECRET = "s3cret-key"


def surepass(status: int, body: Any, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status=status, headers=headers, body=content)


def a_surepass_body(**changes: Any) -> dict[str, Any]:
    data = {
        "rc_number": "MH 12 AB 1234",
        "registration_date": "2019-05-04",
        "owner_name": "ASHA UDAHARAN",
        "father_name": "AMIT UDAHARAN",
        "mobile_number": "1000000001",
        "vehicle_chasi_number": "SIM01",
        "maker_description": "TATA MOTORS LTD",
        "maker_model": "NEXON",
        "fit_up_to": "1900-01-01",
        "insurance_upto": "07-Feb-2027",
        "blacklist_status": "",
        "challan_details": None,
    }
    return {"success": True, "message_code": "success", "data": data | changes}


def test_a_surepass_record_is_read_field_by_field() -> None:
    answer = Surepass().understand(surepass(200, a_surepass_body()), registration=NUMBER)
    assert answer.outcome is Outcome.FOUND
    assert answer.vehicle is not None
    assert answer.personal is not None
    assert (answer.vehicle.make, answer.vehicle.registered_on) == ("TATA MOTORS LTD", date(2019, 5, 4))
    assert (answer.vehicle.fitness_upto, answer.vehicle.insurance_upto) == (None, date(2027, 2, 7))
    assert answer.vehicle.blacklisted is None
    assert (answer.personal.owner, answer.personal.chassis) == ("ASHA UDAHARAN", "SIM01")
    assert not answer.simulated


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (surepass(422, {"success": False, "message_code": "verification_failed"}), Outcome.NOT_FOUND),
        (surepass(200, {"success": False, "message_code": "verification_failed"}), Outcome.NOT_FOUND),
        (surepass(200, {"success": True, "data": {"rc_number": None, "owner": None}}), Outcome.NOT_FOUND),
        (surepass(401, {"success": False, "error": "unauthorized"}), Outcome.MISCONFIGURED),
        (surepass(403, b"forbidden"), Outcome.MISCONFIGURED),
        (surepass(402, {"success": False, "message_code": "insufficient_balance"}), Outcome.QUOTA),
        (surepass(400, {"success": False, "message_code": "anything"}), Outcome.INVALID_INPUT),
        (surepass(422, {"success": False}), Outcome.NOT_FOUND),
        (surepass(422, {"data": {"rc_number": None, "owner": None}}), Outcome.NOT_FOUND),
        (surepass(429, b"slow down"), Outcome.RATE_LIMITED),
        (surepass(500, {"success": False}), Outcome.UPSTREAM_DOWN),
        (surepass(502, b"<html>Bad Gateway</html>"), Outcome.UPSTREAM_DOWN),
        (surepass(504, b""), Outcome.TIMEOUT),
        (surepass(200, b'{"success": tr'), Outcome.MALFORMED),
        (surepass(200, b"<html>maintenance</html>"), Outcome.MALFORMED),
        (surepass(200, b""), Outcome.MALFORMED),
        (surepass(200, b"[]"), Outcome.MALFORMED),
        (surepass(200, {"success": "true", "data": {}}), Outcome.MALFORMED),
        (surepass(200, {"success": True}), Outcome.MALFORMED),
        (surepass(200, {"success": True, "data": [1]}), Outcome.MALFORMED),
        (surepass(200, a_surepass_body(rc_number="MH12AB9999")), Outcome.MALFORMED),
        (surepass(200, a_surepass_body(rc_number=None)), Outcome.MALFORMED),
        (surepass(302, b""), Outcome.MALFORMED),
    ],
)
def test_what_else_surepass_may_answer(reply: Reply, outcome: Outcome) -> None:
    assert Surepass().understand(reply, registration=NUMBER).outcome is outcome


def regcheck(data: Any, *, raw: str | None = None) -> Reply:
    inner = raw if raw is not None else json.dumps(data)
    body = f'<?xml version="1.0" encoding="utf-8"?><Vehicle xmlns="http://regcheck.org.uk">{inner}</Vehicle>'
    if raw is None:
        body = body.replace(inner, f"<vehicleJson><![CDATA[{inner}]]></vehicleJson>")
    return Reply(status=200, headers={}, body=body.encode())


def test_a_regcheck_record_is_read_out_of_the_json_in_the_xml() -> None:
    reply = regcheck(
        {
            "CarMake": {"CurrentTextValue": "HYUNDAI"},
            "MakeDescription": {"CurrentTextValue": ""},
            "CarModel": {"CurrentTextValue": "CRETA"},
            "FuelType": {"CurrentTextValue": "DIESEL"},
            "RegistrationDate": "04/05/2019",
            "VechileIdentificationNumber": "SIM01",
            "Owner": "*S*A",
            "Insurance": "01/01/0001",
            "Location": "PUNE",
        }
    )
    answer = Regcheck().understand(reply, registration=NUMBER)
    assert answer.outcome is Outcome.FOUND
    assert answer.vehicle is not None
    assert answer.personal is not None
    assert (answer.vehicle.make, answer.vehicle.model, answer.vehicle.fuel) == ("HYUNDAI", "CRETA", "DIESEL")
    assert (answer.vehicle.registered_on, answer.vehicle.insurance_upto) == (date(2019, 5, 4), None)
    assert (answer.personal.owner, answer.personal.chassis) == ("*S*A", "SIM01")


BOMB = '<!DOCTYPE v [<!ENTITY a "aaaa">]><Vehicle xmlns="http://regcheck.org.uk">&a;</Vehicle>'


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(status=500, headers={}, body=b"Out of credit"), Outcome.QUOTA),
        (Reply(status=500, headers={}, body=b"No data found"), Outcome.NOT_FOUND),
        (Reply(status=500, headers={}, body=b"Invalid username"), Outcome.MISCONFIGURED),
        (Reply(status=500, headers={}, body=b"Invalid registration number"), Outcome.INVALID_INPUT),
        (Reply(status=500, headers={}, body=b"boom"), Outcome.UPSTREAM_DOWN),
        (Reply(status=502, headers={}, body=b"<html>not found, no data</html>"), Outcome.UPSTREAM_DOWN),
        (Reply(status=429, headers={"retry-after": "7"}, body=b""), Outcome.RATE_LIMITED),
        (regcheck(None, raw="<other/>"), Outcome.NOT_FOUND),
        (regcheck(None, raw="<vehicleJson></vehicleJson>"), Outcome.NOT_FOUND),
        (regcheck(None, raw="<vehicleJson>{]</vehicleJson>"), Outcome.MALFORMED),
        (regcheck(None, raw="<vehicleJson>[]</vehicleJson>"), Outcome.MALFORMED),
        (Reply(status=200, headers={}, body=b"<Vehicle/>"), Outcome.MALFORMED),
        (Reply(status=200, headers={}, body=b"<Vehicle"), Outcome.MALFORMED),
        (Reply(status=200, headers={}, body=b""), Outcome.MALFORMED),
        (Reply(status=200, headers={}, body=BOMB.encode()), Outcome.MALFORMED),
        (Reply(status=200, headers={}, body=BOMB.encode("utf-16")), Outcome.MALFORMED),
    ],
)
def test_what_else_regcheck_may_answer(reply: Reply, outcome: Outcome) -> None:
    assert Regcheck().understand(reply, registration=NUMBER).outcome is outcome


@pytest.mark.parametrize(
    ("status", "said", "outcome"),
    [
        (404, b"404 page not found", Outcome.MISCONFIGURED),
        (403, b"no data for you", Outcome.MISCONFIGURED),
        (502, b"upstream not found", Outcome.UPSTREAM_DOWN),
        (503, b"no data from the service", Outcome.UPSTREAM_DOWN),
    ],
)
def test_the_words_of_a_gateway_say_nothing_about_a_vehicle(
    status: int, said: bytes, outcome: Outcome
) -> None:
    reply = Reply(status=status, headers={}, body=said)
    for dialect in (Regcheck(), Surepass()):
        assert dialect.understand(reply, registration=NUMBER).outcome is outcome


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    "said", [b"", b"Bad Request", b"<html>Bad Request</html>", b'{"message": "Bad Request"}']
)
def test_a_proxy_that_refuses_a_request_settles_nothing_about_a_vehicle(status: int, said: bytes) -> None:
    reply = Reply(status=status, headers={}, body=said)
    for dialect in (Regcheck(), Surepass()):
        assert dialect.understand(reply, registration=NUMBER).outcome is Outcome.MALFORMED


@given(status=st.sampled_from([200, 400, 422, 429, 500, 503]), body=st.binary(max_size=300))
def test_no_body_makes_a_dialect_fail_or_find_a_vehicle(status: int, body: bytes) -> None:
    for dialect in (Surepass(), Regcheck()):
        answer = dialect.understand(Reply(status=status, headers={}, body=body), registration=NUMBER)
        assert answer.outcome is not Outcome.FOUND


@given(st.recursive(st.none() | st.booleans() | st.text(), lambda inner: st.dictionaries(st.text(), inner)))
def test_no_json_makes_a_dialect_fail(value: Any) -> None:
    for body in ({"success": True, "data": value}, {"data": {"rc_number": NUMBER, "owner_name": value}}):
        answer = Surepass().understand(surepass(200, body), registration=NUMBER)
        assert (answer.vehicle is not None) is (answer.outcome is Outcome.FOUND)
    answer = Regcheck().understand(regcheck({"Owner": value, "CarMake": value}), registration=NUMBER)
    assert (answer.vehicle is not None) is (answer.outcome is Outcome.FOUND)


@pytest.mark.parametrize("dialect", [Surepass(), Regcheck()])
def test_the_key_stands_in_no_address_and_in_no_representation(dialect: Any) -> None:
    request = dialect.request(NUMBER, key=SECRET)
    assert SECRET not in request.path
    assert SECRET not in repr(request)
    assert SECRET in str(request.headers) + str(request.form)
