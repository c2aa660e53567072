"""The Flask application: its pages, API and probes, and whatever blueprints bootstrap adds."""

from collections.abc import Iterable

from flask import Blueprint, Flask, Response, request

from app.web.api import Api, api_blueprint
from app.web.gate import Gate, keep_sessions
from app.web.live import LiveStream, LiveView, live_blueprint
from app.web.pages import Pages, pages_blueprint
from app.web.probes import Probes, probes_blueprint
from app.web.problems import explain_problems
from app.web.services import Services

LARGEST_REQUEST = 1024 * 1024
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_app(services: Services, blueprints: Iterable[Blueprint] = ()) -> Flask:
    """The application; `blueprints` (the telephone's) come with their own error handlers where they need them."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    keep_sessions(app, services.admin_password)
    explain_problems(app)
    gate, view = Gate(services.store, services.admin_password), LiveView(services)
    for own in (
        pages_blueprint(Pages(services, gate)),
        api_blueprint(gate, Api(services, view)),
        live_blueprint(gate, LiveStream(services, view)),
        probes_blueprint(Probes(services, gate)),
    ):
        own.after_request(_guarded)
        app.register_blueprint(own)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    return app


def _guarded(response: Response) -> Response:
    """Only our own scripts and styles run in our pages, and nothing private stays in a cache."""
    response.headers.update(_HEADERS)
    if request.endpoint != "pages.static":
        response.headers["Cache-Control"] = "no-store"
    return response
