"""Calls over REST."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from flask import Blueprint, Response, jsonify, request

from app.simulator.calls import CallOrder, Detection, place_outbound
from app.simulator.exchange import Exchange
from app.simulator.facts import Callback
from app.simulator.leg import Leg
from app.simulator.rest.errors import RestError, not_found
from app.simulator.rest.guards import check_destination
from app.simulator.rest.paging import Json, filtered, page
from app.simulator.sids import rfc2822
from app.simulator.sources import Fetch, Inline, Source
from app.simulator.twiml import MAX_INLINE_CHARACTERS

_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


def blueprint(exchange: Exchange) -> Blueprint:
    """The routes under an account."""
    routes = Blueprint("calls", __name__)

    @routes.post("/Calls.json")
    def create() -> tuple[Response, int]:
        leg = place_outbound(exchange, _order(exchange, request.form))
        return jsonify(
            {**call_json(leg), "status": "queued"}
        ), 201  # the answer never shows more, however soon it rings

    @routes.get("/Calls.json")
    def index() -> Response:
        with exchange.lock:
            calls = [call_json(leg) for leg in reversed(exchange.legs.values())]
        names = {"To": "to", "From": "from", "Status": "status", "ParentCallSid": "parent_call_sid"}
        return jsonify(page("calls", _started(filtered(calls, names))))

    @routes.get("/Calls/<sid>.json")
    def fetch(sid: str) -> Response:
        return jsonify(call_json(leg_of(exchange, sid)))

    @routes.post("/Calls/<sid>.json")
    def update(sid: str) -> Response:
        leg = leg_of(exchange, sid)
        _update(leg, request.form)
        return jsonify(call_json(leg))

    return routes


def leg_of(exchange: Exchange, sid: str) -> Leg:
    """The call of that SID."""
    with exchange.lock:
        leg = exchange.legs.get(sid)
    if leg is None:
        raise not_found(f"/Calls/{sid}.json")
    return leg


def required(form: Mapping[str, str], name: str, code: int) -> str:
    """A form field that must be there."""
    value = form.get(name, "")
    if not value:
        raise RestError(400, code, f"No '{name}' number is specified")
    return value


def callback_of(name: str, default_events: frozenset[str] = frozenset({"completed"})) -> Callback | None:
    """The callback that the request's form names, with its method and (repeated) events."""
    form = request.form
    url = form.get(name, "")
    if not url:
        return None
    events = [word for value in form.getlist(f"{name}Event") for word in value.split()]
    unknown = sorted(set(events) - _EVENTS) if name == "StatusCallback" else []
    if unknown:
        raise RestError(400, 21626, f"{unknown[0]} is not an event")
    return Callback(url, form.get(f"{name}Method", "POST"), frozenset(events) or default_events)


def source_of(form: Mapping[str, str]) -> Source | None:
    """The TwiML that a request gives, by address or inline; the address wins."""
    if form.get("Url"):
        return Fetch(form["Url"], form.get("Method", "POST"))
    twiml = form.get("Twiml", "")
    if len(twiml) > MAX_INLINE_CHARACTERS:
        raise RestError(400, 32018, "Twiml is over 4000 characters")
    return Inline(twiml) if twiml else None


def _seconds(form: Mapping[str, str], name: str, default: float, code: int) -> float:
    text = form.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()):
        raise RestError(400, code, f"{name} is not a number of seconds")
    return float(text)


def _order(exchange: Exchange, form: Mapping[str, str]) -> CallOrder:
    to, from_number = required(form, "To", 21201), required(form, "From", 21213)
    check_destination(exchange, to, from_number)
    source = source_of(form)
    if source is None:
        raise RestError(400, 21205, "Url parameter is required.")
    fallback = callback_of("FallbackUrl")
    return CallOrder(
        to,
        from_number,
        source,
        callback_of("StatusCallback"),
        fallback and Callback(fallback.url, form.get("FallbackMethod", "POST")),
        _seconds(form, "Timeout", 60, 21208),
        _detection(form),
    )


def _detection(form: Mapping[str, str]) -> Detection | None:
    if not form.get("MachineDetection") or form.get("SendDigits"):
        return None
    return Detection(form.get("AsyncAmd") == "true", callback_of("AsyncAmdStatusCallback"))


def _update(leg: Leg, form: Mapping[str, str]) -> None:
    """End the call or give it other TwiML; one that is not in progress takes neither."""
    status, source = form.get("Status", ""), source_of(form)
    if leg.ended and (status or source):
        raise RestError(400, 21220, f"Call is not in-progress. Cannot redirect. ({leg.status})")
    if status == "completed":
        leg.hang_up("server")
    elif status == "canceled":
        if leg.status != "in-progress":
            leg.hang_up("server", "canceled")
    elif status:
        raise RestError(400, 20001, f"Status {status} is neither completed nor canceled")
    elif source is not None and not leg.replace(source):
        raise RestError(400, 21220, f"Call is not in-progress. Cannot redirect. ({leg.status})")


def _started(calls: list[Json]) -> list[Json]:
    """Apply the filters on start times (`StartTime`, with > or <): by day, as the API takes them."""
    later, earlier = request.args.get("StartTime>"), request.args.get("StartTime<")
    if later:
        calls = [call for call in calls if _day(call) >= later[:10]]
    if earlier:
        calls = [call for call in calls if _day(call) <= earlier[:10]]
    return calls


def _day(call: Json) -> str:
    return parsedate_to_datetime(str(call["date_created"])).date().isoformat()


def _date(moment: datetime | None) -> str | None:
    return rfc2822(moment) if moment else None


def call_json(leg: Leg) -> Json:
    """A call as the API shows it."""
    with leg.exchange.lock:
        ends, times, account = leg.ends, leg.times, leg.exchange.settings.account_sid
        uri = f"/2010-04-01/Accounts/{account}/Calls/{leg.sid}"
        number = leg.exchange.numbers.get(ends.to)
        return {
            "sid": leg.sid,
            "account_sid": account,
            "parent_call_sid": ends.parent_sid or None,
            "phone_number_sid": number.sid if number else None,
            "to": ends.to,
            "to_formatted": ends.to,
            "from": ends.from_number,
            "from_formatted": ends.from_number,
            "status": "queued" if leg.status == "initiated" else leg.status,
            "start_time": _date(times.answered_at or times.ended_at),
            "end_time": _date(times.ended_at),
            "duration": str(times.talked) if leg.ended else None,
            "price": None,
            "price_unit": "USD",
            "direction": ends.direction,
            "answered_by": leg.answered_by or None,
            "api_version": "2010-04-01",
            "forwarded_from": None,
            "group_sid": None,
            "caller_name": None,
            "queue_time": "0",
            "trunk_sid": None,
            "date_created": rfc2822(times.created),
            "date_updated": rfc2822(times.updated),
            "uri": f"{uri}.json",
            "subresource_uris": {"recordings": f"{uri}/Recordings.json", "streams": f"{uri}/Streams.json"},
        }
