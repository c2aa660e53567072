"""The REST API as a Flask application: authentication, faults, errors, and one blueprint a resource."""

from flask import Flask, Response, g, request

from app.simulator.exchange import Exchange, Settings
from app.simulator.rest import accounts, calls, conferences, messages, queues, recordings, streams
from app.simulator.rest.errors import RestError, not_found
from app.simulator.rest.faults import Faults


def create_app(exchange: Exchange, faults: Faults) -> Flask:
    """Build the API over an exchange."""
    app = Flask("simulator")
    app.json.sort_keys = False  # type: ignore[attr-defined]

    @app.before_request
    def admit() -> Response | None:
        refusal = _authenticate(exchange.settings)
        if refusal is not None:
            return refusal.response()
        g.fault = faults.take(request)
        if g.fault is not None and not g.fault.after:
            answer: Response = g.fault.response()
            return answer
        return None

    @app.after_request
    def spoil(answer: Response) -> Response:
        fault = g.get("fault")
        return fault.response() if fault is not None and fault.after else answer

    @app.errorhandler(RestError)
    def refuse(error: RestError) -> Response:
        return error.response()

    @app.errorhandler(404)
    def unknown(error: Exception) -> Response:
        return not_found(request.path).response()

    base = "/2010-04-01/Accounts/<account>"
    for resource in (calls, streams, conferences, queues, recordings, messages):
        app.register_blueprint(resource.blueprint(exchange), url_prefix=base)
    app.register_blueprint(accounts.blueprint(exchange))
    return app


def _authenticate(settings: Settings) -> RestError | None:
    """What is wrong with the request's credentials, if anything; the account leaves the route's arguments."""
    given = request.authorization
    if given is None or (given.username, given.password) != (settings.account_sid, settings.auth_token):
        return RestError(401, 20003, "Authenticate")
    account = (request.view_args or {}).pop("account", settings.account_sid)
    return None if account == settings.account_sid else not_found(request.path)
