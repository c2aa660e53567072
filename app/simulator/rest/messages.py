"""Messages (texts) over REST."""

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, request

from app.simulator.exchange import Exchange, Text
from app.simulator.rest.errors import RestError, not_found
from app.simulator.rest.paging import Json, filtered, page
from app.simulator.texts import send_text

_MOST_CHARACTERS = 1600


def blueprint(exchange: Exchange) -> Blueprint:
    """The routes under an account."""
    routes = Blueprint("messages", __name__)

    @routes.post("/Messages.json")
    def create() -> tuple[Response, int]:
        form = request.form
        _check(form)
        sender = form.get("From") or form["MessagingServiceSid"]
        text = send_text(exchange, sender, form["To"], form.get("Body", ""), form.get("StatusCallback", ""))
        return jsonify({**_json(exchange, text), "status": "queued", "date_sent": None}), 201

    @routes.get("/Messages.json")
    def index() -> Response:
        with exchange.lock:
            items = [_json(exchange, text) for text in reversed(exchange.texts)]
        return jsonify(page("messages", filtered(items, {"To": "to", "From": "from"})))

    @routes.get("/Messages/<sid>.json")
    def fetch(sid: str) -> Response:
        with exchange.lock:
            for text in exchange.texts:
                if text.sid == sid:
                    return jsonify(_json(exchange, text))
        raise not_found(f"/Messages/{sid}.json")

    return routes


def _check(form: Mapping[str, str]) -> None:
    """Refuse what the carrier would not send."""
    if not form.get("To"):
        raise RestError(400, 21604, "A 'To' phone number is required.")
    if not form.get("From") and not form.get("MessagingServiceSid"):
        raise RestError(400, 21603, "A 'From' or 'MessagingServiceSid' is required.")
    if not form.get("Body") and not form.get("MediaUrl"):
        raise RestError(400, 21602, "Message body is required.")
    if len(form.get("Body", "")) > _MOST_CHARACTERS:
        raise RestError(400, 21617, "The body exceeds 1600 characters.")


def _json(exchange: Exchange, text: Text) -> Json:
    account = exchange.settings.account_sid
    uri = f"/2010-04-01/Accounts/{account}/Messages/{text.sid}"
    return {
        "sid": text.sid,
        "account_sid": account,
        "messaging_service_sid": None,
        "to": text.to,
        "from": text.from_number,
        "body": text.body,
        "status": "delivered",
        "direction": "outbound-api",
        "num_segments": str(max(1, -(-len(text.body) // 153))),
        "num_media": "0",
        "date_created": text.created,
        "date_updated": text.created,
        "date_sent": text.created,
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "error_message": None,
        "api_version": "2010-04-01",
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }
