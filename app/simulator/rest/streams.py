"""One-way media streams of a call over REST."""

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, request

from app.simulator.exchange import Exchange
from app.simulator.rest.calls import callback_of, leg_of
from app.simulator.rest.errors import RestError, not_found
from app.simulator.rest.paging import Json
from app.simulator.sids import rfc2822
from app.simulator.stream import MediaStream, StreamOrder


def blueprint(exchange: Exchange) -> Blueprint:
    """The routes under an account."""
    routes = Blueprint("streams", __name__)

    @routes.post("/Calls/<sid>/Streams.json")
    def start_stream(sid: str) -> tuple[Response, int]:
        leg = leg_of(exchange, sid)
        if leg.status != "in-progress":
            raise RestError(400, 21220, "Call is not in-progress")
        stream = MediaStream(leg, _stream_order(request.form))
        stream.start()
        return jsonify(_stream_json(stream)), 201

    @routes.post("/Calls/<sid>/Streams/<name>.json")
    def stop_stream(sid: str, name: str) -> Response:
        for stream in tuple(leg_of(exchange, sid).streams):
            if name in {stream.sid, stream.order.name}:
                stream.stop()
                return jsonify(_stream_json(stream))
        raise not_found(name)

    return routes


def _stream_order(form: Mapping[str, str]) -> StreamOrder:
    if not form.get("Url"):
        raise RestError(400, 20001, "Url is missing")
    numbers = [name.split(".")[0].removeprefix("Parameter") for name in form if name.startswith("Parameter")]
    parameters = {
        form.get(f"Parameter{number}.Name", ""): form.get(f"Parameter{number}.Value", "") for number in numbers
    }
    callback = callback_of("StatusCallback")
    track = form.get("Track", "inbound_track")
    return StreamOrder(form["Url"], form.get("Name", ""), track, parameters, callback)


def _stream_json(stream: MediaStream) -> Json:
    leg = stream.leg
    account = leg.exchange.settings.account_sid
    return {
        "sid": stream.sid,
        "account_sid": account,
        "call_sid": leg.sid,
        "name": stream.order.name or None,
        "status": "stopped" if stream.over else "in-progress",
        "date_updated": rfc2822(stream.updated),
        "uri": f"/2010-04-01/Accounts/{account}/Calls/{leg.sid}/Streams/{stream.sid}.json",
    }
