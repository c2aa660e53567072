"""Our own JSON API under /api/v1: the live view, stories, agents."""

from flask import Blueprint, Response, jsonify, request

from app.core.entities import Activity
from app.web.gate import Gate
from app.web.live import LiveView
from app.web.problems import problem
from app.web.services import Services
from app.web.telling import story, summary
from app.web.view import agents

LIST_LIMIT = 200


class Api:
    """The views; every one is behind the gate."""

    def __init__(self, services: Services, view: LiveView) -> None:
        self._services = services
        self._view = view

    def live(self) -> Response:
        """Everything the live page shows, now."""
        return jsonify(self._view.now())

    def calls(self) -> Response:
        """The latest calls, newest first; `before` (ms) and `limit` page through them."""
        limit, before = request.args.get("limit", 20, type=int), request.args.get("before", 0, type=int)
        if not 1 <= limit <= LIST_LIMIT:
            return problem(400, why=f"limit has to lie between 1 and {LIST_LIMIT}")
        return jsonify(calls=[summary(call) for call in self._services.history.calls(limit, before)])

    def call(self, sid: str) -> Response:
        """The story of one call."""
        told = self._services.history.story(sid)
        if told is None:
            return problem(404, why="History has no such call", hint="A call that just began takes a moment")
        return jsonify(story(told))

    def agents(self) -> Response:
        """Every agent and what they are doing."""
        return jsonify(agents=agents(self._services.store.snapshot()))

    def set_activity(self, name: str) -> Response:
        """Puts an agent on or off duty, or on a break: {"activity": "available" | "break" | "off"}."""
        body = request.get_json(silent=True)
        wanted = body.get("activity") if isinstance(body, dict) else None
        if wanted not in [activity.value for activity in Activity]:
            hint = 'Send JSON such as {"activity": "break"}'
            return problem(400, why="activity has to be available, break or off", hint=hint)
        if not self._services.set_activity(name, Activity(wanted)):
            return problem(404, why="No agent has this name", hint="GET /api/v1/agents lists them")
        return jsonify(name=name, activity=wanted)


def api_blueprint(gate: Gate, api: Api) -> Blueprint:
    """The API's addresses."""
    blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
    blueprint.before_request(gate.refusal)
    blueprint.add_url_rule("/live", view_func=api.live)
    blueprint.add_url_rule("/calls", view_func=api.calls)
    blueprint.add_url_rule("/calls/<sid>", view_func=api.call)
    blueprint.add_url_rule("/agents", view_func=api.agents)
    blueprint.add_url_rule("/agents/<name>", view_func=api.set_activity, methods=["POST"])
    return blueprint
