"""Recordings over REST: what is known of them, and the files."""

from flask import Blueprint, Response, jsonify

from app.simulator.exchange import Exchange
from app.simulator.recording import Recording, recording_url
from app.simulator.rest.errors import RestError, not_found
from app.simulator.rest.paging import Json, filtered, page
from app.simulator.sids import rfc2822


def blueprint(exchange: Exchange) -> Blueprint:
    """The routes under an account."""
    routes = Blueprint("recordings", __name__)

    @routes.get("/Recordings.json")
    def index() -> Response:
        return jsonify(page("recordings", filtered(_all(exchange), {"CallSid": "call_sid"})))

    @routes.get("/Calls/<sid>/Recordings.json")
    def of_call(sid: str) -> Response:
        return jsonify(page("recordings", [item for item in _all(exchange) if item["call_sid"] == sid]))

    @routes.get("/Recordings/<name>")
    def fetch(name: str) -> Response:
        sid, _, suffix = name.partition(".")
        recording = _recording(exchange, sid)
        if suffix == "json":
            return jsonify(_json(exchange, recording))
        if suffix == "mp3":
            raise RestError(400, 16109, "This pretend carrier keeps WAV files only")
        if suffix not in {"", "wav"} or recording.status != "completed":
            raise not_found(name)
        return Response(recording.wav(), content_type="audio/x-wav")

    @routes.delete("/Recordings/<name>")
    def delete(name: str) -> tuple[str, int]:
        recording = _recording(exchange, name.partition(".")[0])
        with exchange.lock:
            recording.status = "deleted"
        return "", 204

    return routes


def _all(exchange: Exchange) -> list[Json]:
    with exchange.lock:
        kept = [recording for recording in exchange.recordings.values() if recording.status != "deleted"]
    return [_json(exchange, recording) for recording in kept]


def _recording(exchange: Exchange, sid: str) -> Recording:
    with exchange.lock:
        recording = exchange.recordings.get(sid)
    if recording is None or recording.status == "deleted":
        raise not_found(f"/Recordings/{sid}")
    return recording


def _json(exchange: Exchange, recording: Recording) -> Json:
    account = exchange.settings.account_sid
    uri = f"/2010-04-01/Accounts/{account}/Recordings/{recording.sid}"
    filed = recording.status == "completed"
    return {
        "sid": recording.sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid": recording.call_sid or None,
        "conference_sid": recording.conference_sid or None,
        "date_created": rfc2822(recording.created),
        "date_updated": rfc2822(recording.created),
        "start_time": rfc2822(recording.created),
        "duration": str(recording.seconds) if filed else None,
        "price": None,
        "price_unit": "USD",
        "status": recording.status,
        "channels": 1,
        "source": recording.source,
        "error_code": None,
        "encryption_details": None,
        "uri": f"{uri}.json",
        "subresource_uris": {},
        "media_url": recording_url(exchange, recording),
    }
