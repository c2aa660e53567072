"""The API as a Flask blueprint: who may pass, how much may be sent, and errors in TaskRouter's shape only."""

from flask import Blueprint, Response, request

from app.web.taskrouter.auth import ApiGate, ApiKeys
from app.web.taskrouter.errors import error, tell_errors
from app.web.taskrouter.routes import add_all
from app.web.taskrouter.scope import METHODS, Routes, Services

# A workflow may have a megabyte, each byte of which may take three in a form.
LARGEST_REQUEST = 3 * 1024 * 1024 + 65_536


def taskrouter_blueprint(services: Services) -> Blueprint:
    """Everything under /v1."""
    blueprint = Blueprint("taskrouter", __name__, url_prefix="/v1")
    keys = ApiKeys(services.store, services.workspaces.home.clock)
    gate = ApiGate(services.store, keys, services.account, services.token)
    blueprint.before_request(_bounded)
    blueprint.before_request(gate.refusal)
    blueprint.after_request(_guarded)
    tell_errors(blueprint)
    add_all(Routes(blueprint, services))
    for rule in ("/", "/<path:rest>"):
        blueprint.add_url_rule(rule, endpoint="unknown", view_func=_unknown, methods=METHODS, strict_slashes=False)
    return blueprint


def _bounded() -> None:
    request.max_content_length = request.max_form_memory_size = LARGEST_REQUEST


def _unknown(rest: str = "") -> Response:
    return error(404, f"The requested resource /v1/{rest[:200]} was not found")


def _guarded(response: Response) -> Response:
    """Nothing private stays in a cache, and nothing is taken for a page."""
    response.headers.update({"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
    return response
