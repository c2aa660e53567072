"""Errors as people and programs get them: what went wrong, why, and what to do about it."""

import logging

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from app.ports.history import HistoryUnavailable
from app.ports.store import StoreUnavailable

log = logging.getLogger(__name__)

_EXPLAINED: dict[int, tuple[str, str, str]] = {
    400: ("The request could not be read", "It is not in the form this address expects", "See its documentation"),
    401: ("You are not signed in", "No valid key or session came along", "Send the key as a bearer token"),
    403: ("Not allowed", "The request did not prove that it came from our own page", "Reload the page and try again"),
    404: ("Nothing here", "No page or record has this address", "Check the address"),
    405: ("Not this way", "The address exists but does not take this method", "Look at the Allow header"),
    413: ("Too large", "The request holds more than any page of ours sends", "Send less"),
    429: ("Too many attempts", "Too many wrong passwords came from your address", "Wait five minutes"),
    500: ("Something failed on our side", "The server's log has the details", "Try again; tell us if it stays"),
    503: ("Not available now", "Something the server depends on is away", "Try again in a few seconds"),
}


def problem(status: int, why: str = "", hint: str = "") -> Response:
    """An error as JSON to programs, as plain text to people."""
    what, usual_why, usual_hint = _EXPLAINED.get(status, (f"Error {status}", "", ""))
    body = {"what": what, "why": why or usual_why, "hint": hint or usual_hint}
    if request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json":
        response = jsonify(error=body)
    else:
        response = Response(f"{body['what']}.\n{body['why']}.\n{body['hint']}.\n", mimetype="text/plain")
    response.status_code = status
    return response


def explain_problems(app: Flask) -> None:
    """Has the app answer every error this way; blueprints may have handlers of their own."""
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(StoreUnavailable, _away)
    app.register_error_handler(HistoryUnavailable, _away)
    app.register_error_handler(Exception, _ours)


def _http_problem(error: HTTPException) -> Response:
    response = error.get_response()
    if error.code is None or error.code < 400:
        return Response(response.get_data(), error.code or 500, dict(response.headers))
    ours = problem(error.code)
    if "Allow" in response.headers:
        ours.headers["Allow"] = response.headers["Allow"]
    return ours


def _away(error: Exception) -> Response:
    log.warning("a page could not be answered: %s", type(error).__name__)
    response = problem(503)
    response.headers["Retry-After"] = "2"
    return response


def _ours(error: Exception) -> Response:
    log.error("unexpected error in a page", exc_info=error)
    return problem(500)
