"""Conferences and their participants over REST."""

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, jsonify, request

from app.simulator.calls import CallOrder, place_outbound
from app.simulator.exchange import Exchange
from app.simulator.rest.calls import callback_of, required
from app.simulator.rest.errors import RestError, not_found
from app.simulator.rest.guards import check_destination
from app.simulator.rest.paging import Json, filtered, page
from app.simulator.rooms import Participant, Room
from app.simulator.sids import rfc2822
from app.simulator.sources import Fetch, Inline


def blueprint(exchange: Exchange) -> Blueprint:
    """The routes under an account."""
    routes = Blueprint("conferences", __name__)
    _rooms(routes, exchange)
    _participants(routes, exchange)
    return routes


def _rooms(routes: Blueprint, exchange: Exchange) -> None:
    @routes.get("/Conferences.json")
    def index() -> Response:
        with exchange.lock:
            rooms = [_room_json(room) for room in reversed(exchange.rooms.values())]
        names = {"FriendlyName": "friendly_name", "Status": "status"}
        return jsonify(page("conferences", filtered(rooms, names)))

    @routes.get("/Conferences/<sid>.json")
    def fetch(sid: str) -> Response:
        return jsonify(_room_json(_room(exchange, sid)))

    @routes.post("/Conferences/<sid>.json")
    def update(sid: str) -> Response:
        room = _room(exchange, sid)
        with exchange.lock:
            if request.form.get("Status") == "completed":
                room.end("conference-ended-via-api")
            elif request.form.get("AnnounceUrl"):
                for participant in list(room.participants.values()):
                    _announce(room, participant, request.form)
        return jsonify(_room_json(room))


def _participants(routes: Blueprint, exchange: Exchange) -> None:
    @routes.get("/Conferences/<sid>/Participants.json")
    def participants(sid: str) -> Response:
        room = _room(exchange, sid)
        with exchange.lock:
            items = [_participant_json(room, one) for one in room.participants.values()]
        for name in ("Muted", "Hold", "Coaching"):
            if request.args.get(name):
                items = [item for item in items if item[name.lower()] == (request.args[name] == "true")]
        return jsonify(page("participants", items))

    @routes.post("/Conferences/<sid>/Participants.json")
    def add(sid: str) -> tuple[Response, int]:
        return jsonify(_add(exchange, sid, request.form)), 201

    @routes.get("/Conferences/<sid>/Participants/<key>.json")
    def participant(sid: str, key: str) -> Response:
        room = _room(exchange, sid)
        return jsonify(_participant_json(room, _participant(room, key)))

    @routes.post("/Conferences/<sid>/Participants/<key>.json")
    def change(sid: str, key: str) -> Response:
        room = _room(exchange, sid)
        with exchange.lock:
            one = _participant(room, key)
            _change(room, one, request.form)
            return jsonify(_participant_json(room, one))

    @routes.delete("/Conferences/<sid>/Participants/<key>.json")
    def kick(sid: str, key: str) -> tuple[str, int]:
        room = _room(exchange, sid)
        with exchange.lock:
            room.leave(_participant(room, key), "participant_updated_via_api")
        return "", 204


def _room(exchange: Exchange, sid: str) -> Room:
    with exchange.lock:
        room = exchange.rooms.get(sid)
    if room is None:
        raise not_found(f"/Conferences/{sid}.json")
    return room


def _participant(room: Room, key: str) -> Participant:
    one = room.find(key)
    if one is None:
        raise not_found(f"/Conferences/{room.sid}/Participants/{key}.json")
    return one


def _flag(form: Mapping[str, str], name: str) -> bool | None:
    text = form.get(name)
    if text is None:
        return None
    if text.lower() not in {"true", "false"}:
        raise RestError(400, 20001, f"{name} is neither true nor false")
    return text.lower() == "true"


def _announce(room: Room, participant: Participant, form: Mapping[str, str]) -> None:
    participant.announcement = Fetch(form["AnnounceUrl"], form.get("AnnounceMethod", "POST"))
    room.refresh()


def _change(room: Room, one: Participant, form: Mapping[str, str]) -> None:
    """Mute, hold, coach, announce, and what happens on exit."""
    muted, hold = _flag(form, "Muted"), _flag(form, "Hold")
    ends, coaching = _flag(form, "EndConferenceOnExit"), _flag(form, "Coaching")
    if ends is not None:
        one.end_on_exit = ends
        room.tell("participant-modify", one)
    if coaching is not None:
        one.coaching = form.get("CallSidToCoach", "") if coaching else ""
        room.tell("participant-modify", one)
    if muted is not None and muted != one.muted:
        one.muted = muted
        room.tell("participant-mute" if muted else "participant-unmute", one)
    if hold is not None and hold != one.hold:
        one.hold = hold
        url = form.get("HoldUrl")
        one.hold_music = Fetch(url, form.get("HoldMethod", "GET")) if url and hold else None
        room.tell("participant-hold" if hold else "participant-unhold", one)
    if form.get("AnnounceUrl"):
        _announce(room, one, form)
    room.refresh()


def _add(exchange: Exchange, sid: str, form: Mapping[str, str]) -> Json:
    """Dial somebody into a conference, by its SID or its name."""
    with exchange.lock:
        known = exchange.rooms.get(sid)
        name = known.name if known else sid
    to, from_number = required(form, "To", 21201), required(form, "From", 21213)
    check_destination(exchange, to, from_number)
    attributes = {
        "startConferenceOnEnter": form.get("StartConferenceOnEnter", "true"),
        "endConferenceOnExit": form.get("EndConferenceOnExit", "false"),
        "muted": form.get("Muted", "false"),
        "participantLabel": form.get("Label", ""),
    }
    words = " ".join(f'{key}="{_escaped(value)}"' for key, value in attributes.items() if value)
    twiml = f"<Response><Dial><Conference {words}>{_escaped(name)}</Conference></Dial></Response>"
    order = CallOrder(to, from_number, Inline(twiml), callback_of("StatusCallback"))
    leg = place_outbound(exchange, replace(order, timeout=float(form.get("Timeout", "60"))))
    room = known or Room(exchange, name, None)
    connecting = Participant(leg, attributes["participantLabel"])
    return {**_participant_json(room, connecting), "status": "queued"}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _room_json(room: Room) -> Json:
    account = room.exchange.settings.account_sid
    uri = f"/2010-04-01/Accounts/{account}/Conferences/{room.sid}"
    return {
        "sid": room.sid,
        "account_sid": account,
        "friendly_name": room.name,
        "status": room.status,
        "region": "us1",
        "date_created": rfc2822(room.created),
        "date_updated": rfc2822(room.updated),
        "api_version": "2010-04-01",
        "reason_conference_ended": room.reason or None,
        "call_sid_ending_conference": room.ending_sid or None,
        "uri": f"{uri}.json",
        "subresource_uris": {"participants": f"{uri}/Participants.json", "recordings": f"{uri}/Recordings.json"},
    }


def _participant_json(room: Room, one: Participant) -> Json:
    account = room.exchange.settings.account_sid
    return {
        "account_sid": account,
        "call_sid": one.leg.sid,
        "label": one.label or None,
        "call_sid_to_coach": one.coaching or None,
        "coaching": bool(one.coaching),
        "conference_sid": room.sid,
        "date_created": rfc2822(one.created),
        "date_updated": rfc2822(one.created),
        "end_conference_on_exit": one.end_on_exit,
        "muted": one.muted,
        "hold": one.hold,
        "start_conference_on_enter": one.start_on_enter,
        "status": "complete" if one.leg.ended else "connected",
        "queue_time": "0",
        "uri": f"/2010-04-01/Accounts/{account}/Conferences/{room.sid}/Participants/{one.leg.sid}.json",
    }
