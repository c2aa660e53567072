"""Errors as TaskRouter tells them: `code`, `message`, `more_info` and `status` as JSON, whatever went wrong.

The codes are those of Twilio's error dictionary: 20001 invalid parameter (a name that is taken included), 20003
authentication, 20004 method not allowed, 20404 not found, 20409 conflict, 20412 precondition failed, 20429 too many
requests, 20500 and 20503 for our own side. Where it has none for a status (413, 415) it is 20001, as for any other
request that cannot be read. Objects of the owner's file are refused with 409, which TaskRouter has no use for.
"""

import logging
from collections.abc import Mapping
from typing import TypeVar

from flask import Blueprint, Response, jsonify
from werkzeug.exceptions import HTTPException

from app.ports.history import HistoryUnavailable
from app.ports.store import StoreUnavailable
from app.usecases.context import Contention
from app.usecases.taskrouter.wording import Refusal, Why

log = logging.getLogger(__name__)
T = TypeVar("T")

_STATUS: Mapping[Why, int] = {
    Why.NOT_FOUND: 404,
    Why.INVALID: 400,
    Why.TAKEN: 400,
    Why.ILLEGAL: 400,
    Why.STALE: 412,
    Why.CONFLICT: 409,
    Why.FROM_FILE: 409,
    Why.IN_USE: 409,
}
_CODES: Mapping[int, int] = {
    400: 20001, 401: 20003, 403: 20003, 404: 20404, 405: 20004, 409: 20409, 412: 20412, 413: 20001, 415: 20001,
    429: 20429, 500: 20500, 503: 20503,
}  # fmt: skip
_MESSAGES: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "Authenticate",
    404: "The requested resource was not found",
    405: "This resource does not take this method",
    413: "The request is larger than this resource takes",
    429: "Too many wrong credentials came from your address; wait five minutes",
    500: "An internal server error has occurred",
    503: "Something the server depends on is away; try again in a few seconds",
}


class Refused(Exception):
    """Ends a request with an error answer."""

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def granted(result: T | Refusal) -> T:
    """What a use case did; its refusal becomes the answer to the request."""
    if isinstance(result, Refusal):
        raise refused(result)
    return result


def refused(refusal: Refusal) -> Refused:
    """The error answer that a refusal means."""
    named = refusal.field and refusal.field not in refusal.message
    return Refused(_STATUS[refusal.why], f"{refusal.field}: {refusal.message}" if named else refusal.message)


def invalid(field: str, message: str) -> Refused:
    """The error answer to a parameter that cannot be taken."""
    return refused(Refusal(Why.INVALID, message, field))


def not_found(what: str) -> Refused:
    """The error answer where nothing has the address asked for."""
    return Refused(404, f"{what} was not found")


def error(status: int, message: str = "") -> Response:
    """An error in TaskRouter's shape."""
    code = _CODES.get(status, 20001 if status < 500 else 20500)
    response = jsonify(
        code=code,
        message=message or _MESSAGES.get(status, "The request was refused"),
        more_info=f"https://www.twilio.com/docs/errors/{code}",
        status=status,
    )
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="TaskRouter API"'
    if status == 503:
        response.headers["Retry-After"] = "2"
    return response


def tell_errors(blueprint: Blueprint) -> None:
    """Has the blueprint answer every error this way."""
    blueprint.register_error_handler(Refused, lambda raised: error(raised.status, raised.message))
    blueprint.register_error_handler(HTTPException, lambda raised: error(raised.code or 500))
    blueprint.register_error_handler(Contention, lambda _: error(409, "Others changed it at the same time; try again"))
    blueprint.register_error_handler(StoreUnavailable, _away)
    blueprint.register_error_handler(HistoryUnavailable, _away)
    blueprint.register_error_handler(Exception, _ours)


def _away(raised: Exception) -> Response:
    log.warning("a TaskRouter request could not be answered: %s", type(raised).__name__)
    return error(503)


def _ours(raised: Exception) -> Response:
    log.error("unexpected error in a TaskRouter request", exc_info=raised)
    return error(500)
