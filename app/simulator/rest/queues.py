"""Queues and their members over REST."""

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, request

from app.simulator.exchange import Exchange
from app.simulator.rest.errors import RestError, not_found
from app.simulator.rest.paging import Json, page
from app.simulator.sids import rfc2822
from app.simulator.sources import Fetch
from app.simulator.waiting import Queue, Taken, Ticket


def blueprint(exchange: Exchange) -> Blueprint:
    """The routes under an account."""
    routes = Blueprint("queues", __name__)
    _queues(routes, exchange)
    _members(routes, exchange)
    return routes


def _queues(routes: Blueprint, exchange: Exchange) -> None:
    @routes.post("/Queues.json")
    def create() -> tuple[Response, int]:
        name = request.form.get("FriendlyName", "")
        with exchange.lock:
            _check_name(exchange, name)
            queue = Queue(name, _size(request.form, 1000))
            exchange.queues[queue.sid] = queue
            return jsonify(_queue_json(exchange, queue)), 201

    @routes.get("/Queues.json")
    def index() -> Response:
        with exchange.lock:
            items = [_queue_json(exchange, queue) for queue in exchange.queues.values()]
        return jsonify(page("queues", items))

    @routes.get("/Queues/<sid>.json")
    def fetch(sid: str) -> Response:
        return jsonify(_queue_json(exchange, _queue(exchange, sid)))

    @routes.post("/Queues/<sid>.json")
    def update(sid: str) -> Response:
        queue = _queue(exchange, sid)
        with exchange.lock:
            queue.name = request.form.get("FriendlyName") or queue.name
            queue.max_size = _size(request.form, queue.max_size)
        return jsonify(_queue_json(exchange, queue))

    @routes.delete("/Queues/<sid>.json")
    def delete(sid: str) -> tuple[str, int]:
        queue = _queue(exchange, sid)
        with exchange.lock:
            if queue.tickets:
                raise RestError(400, 22002, "The queue is not empty")
            del exchange.queues[sid]
        return "", 204


def _members(routes: Blueprint, exchange: Exchange) -> None:
    @routes.get("/Queues/<sid>/Members.json")
    def members(sid: str) -> Response:
        queue = _queue(exchange, sid)
        with exchange.lock:
            items = [_member_json(exchange, queue, ticket) for ticket in queue.tickets]
        return jsonify(page("queue_members", items))

    @routes.get("/Queues/<sid>/Members/<key>.json")
    def member(sid: str, key: str) -> Response:
        queue = _queue(exchange, sid)
        with exchange.lock:
            return jsonify(_member_json(exchange, queue, _ticket(queue, key)))

    @routes.post("/Queues/<sid>/Members/<key>.json")
    def dequeue(sid: str, key: str) -> Response:
        queue = _queue(exchange, sid)
        url = request.form.get("Url", "")
        if not url:
            raise RestError(400, 20001, "Url is missing")
        with exchange.lock:
            ticket = _ticket(queue, key)
            shown = _member_json(exchange, queue, ticket)
            queue.take(ticket, Taken(source=Fetch(url, request.form.get("Method", "POST"))))
        return jsonify(shown)


def _check_name(exchange: Exchange, name: str) -> None:
    if not name or len(name) > 64:
        raise RestError(400, 22001, "FriendlyName must have 1 to 64 characters")
    if any(queue.name == name for queue in exchange.queues.values()):
        raise RestError(400, 22003, "A queue of that name exists")


def _size(form: Mapping[str, str], default: int) -> int:
    text = form.get("MaxSize", str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 5000):
        raise RestError(400, 22000, "MaxSize must be a number from 1 to 5000")
    return int(text)


def _queue(exchange: Exchange, sid: str) -> Queue:
    with exchange.lock:
        queue = exchange.queues.get(sid)
    if queue is None:
        raise not_found(f"/Queues/{sid}.json")
    return queue


def _ticket(queue: Queue, key: str) -> Ticket:
    if key == "Front" and queue.tickets:
        return queue.tickets[0]
    for ticket in queue.tickets:
        if ticket.leg.sid == key:
            return ticket
    raise not_found(f"/Queues/{queue.sid}/Members/{key}.json")


def _queue_json(exchange: Exchange, queue: Queue) -> Json:
    with exchange.lock:
        account = exchange.settings.account_sid
        uri = f"/2010-04-01/Accounts/{account}/Queues/{queue.sid}"
        return {
            "sid": queue.sid,
            "account_sid": account,
            "friendly_name": queue.name,
            "current_size": len(queue.tickets),
            "average_wait_time": queue.average_wait,
            "max_size": queue.max_size,
            "date_created": rfc2822(queue.created),
            "date_updated": rfc2822(queue.created),
            "uri": f"{uri}.json",
            "subresource_uris": {"members": f"{uri}/Members.json"},
        }


def _member_json(exchange: Exchange, queue: Queue, ticket: Ticket) -> Json:
    account = exchange.settings.account_sid
    return {
        "call_sid": ticket.leg.sid,
        "queue_sid": queue.sid,
        "date_enqueued": rfc2822(ticket.entered),
        "position": queue.position(ticket),
        "wait_time": ticket.seconds,
        "uri": f"/2010-04-01/Accounts/{account}/Queues/{queue.sid}/Members/{ticket.leg.sid}.json",
    }
