"""HTTP around the desk: the paths of both dialects, delays, broken bodies, and the mark on every answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from deploy.simulator import regcheck, surepass
from deploy.simulator.desk import Desk, Rules
from deploy.simulator.faults import Fault
from deploy.simulator.outcome import MARK, MARK_HEADER, Reply, Ruling, Verdict

_DESK = web.AppKey("desk", Desk)
_RULES = web.AppKey("rules", Rules)
_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_MOST_BODY_BYTES = 16 * 1024

Say = Callable[[Ruling], Reply]


def create_app(rules: Rules, *, clock: Callable[[], float]) -> web.Application:
    app = web.Application(client_max_size=_MOST_BODY_BYTES, middlewares=[_mark])
    app[_RULES] = rules
    app[_DESK] = Desk(rules, clock=clock)
    app.add_routes(
        [
            web.get("/health", _health),
            web.post("/api/v1/rc/rc-full", _rc_full),
            web.get("/api/v1/utils/usage/balance", _balance),
            web.post("/api/reg.asmx/CheckIndia", _check_india),
        ]
    )
    return app


@web.middleware
async def _mark(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Every answer says what it is, also those that aiohttp gives by itself."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        error.headers[MARK_HEADER] = MARK
        raise
    except ConnectionError:
        # The caller has gone while it was asking; nobody reads this.
        response = web.Response(status=400)
    response.headers[MARK_HEADER] = MARK
    return response


async def _health(request: web.Request) -> web.Response:
    rules, desk = request.app[_RULES], request.app[_DESK]
    return web.json_response(
        {
            "source": MARK,
            "profile": rules.profile.value,
            "seed": rules.seed,
            "reference_date": rules.reference_date.isoformat(),
            "owners_masked": rules.owners_masked,
            "answers": dict(desk.answered),
        }
    )


async def _rc_full(request: web.Request) -> web.Response:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    try:
        body = json.loads(await request.read())
        registration = body["id_number"]
    except (ValueError, TypeError, KeyError, RecursionError):
        registration = None
    if not isinstance(registration, str):
        return _response(surepass.say(Ruling(Verdict.INVALID)))
    return await _answer(request, registration, key if scheme == "Bearer" else "", surepass.say)


async def _balance(request: web.Request) -> web.Response:
    desk = request.app[_DESK]
    if not desk.knows(request.headers.get("Authorization", "").removeprefix("Bearer ")):
        return _response(surepass.say(Ruling(Verdict.UNAUTHORIZED)))
    return _response(surepass.balance(desk.account.credits_left))


async def _check_india(request: web.Request) -> web.Response:
    try:
        form = await request.post()
    except ValueError:
        return _response(regcheck.say(Ruling(Verdict.INVALID)))
    registration, username = form.get("RegistrationNumber", ""), form.get("username", "")
    if not isinstance(registration, str) or not isinstance(username, str):
        return _response(regcheck.say(Ruling(Verdict.INVALID)))
    return await _answer(request, registration, username, regcheck.say)


async def _answer(request: web.Request, registration: str, key: str, say: Say) -> web.Response:
    desk = request.app[_DESK]
    judged = desk.judge(registration[:64], key=key)
    if judged.ruling.verdict not in (Verdict.UNAUTHORIZED, Verdict.RATE_LIMITED):
        # Refusals are quick in life too.
        await asyncio.sleep(judged.course.latency_sec)
    response = _response(_broken(say(judged.ruling), judged.course.fault))
    if judged.ruling.retry_after_sec:
        response.headers["Retry-After"] = str(judged.ruling.retry_after_sec)
    response.headers["X-RateLimit-Limit"] = str(desk.account.per_minute)
    response.headers["X-RateLimit-Remaining"] = str(desk.account.left_this_minute)
    return response


def _broken(reply: Reply, fault: Fault) -> Reply:
    if reply.status != 200:
        return reply
    if fault is Fault.HTML:
        return Reply(502, _HTML, "text/html")
    if fault is Fault.TRUNCATED:
        return Reply(200, reply.body[: len(reply.body) // 2], reply.content_type)
    if fault is Fault.EMPTY:
        return Reply(200, b"", reply.content_type)
    return reply


def _response(reply: Reply) -> web.Response:
    return web.Response(
        status=reply.status, body=reply.body, content_type=reply.content_type, headers=reply.headers
    )
