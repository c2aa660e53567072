"""/healthz, /readyz and /metrics: how the server is, for supervisors, balancers and graphs."""

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from app.ports.store import StoreUnavailable
from app.web.gate import Gate, from_this_machine
from app.web.metrics import StoreCollector
from app.web.services import Services


class Probes:
    """The views; the first two say nothing private and are open to all."""

    def __init__(self, services: Services, gate: Gate) -> None:
        self._services = services
        self._gate = gate
        self._registry = CollectorRegistry()
        self._registry.register(StoreCollector(services))

    def alive(self) -> Response:
        """The process answers."""
        return jsonify(status="alive")

    def ready(self) -> Response:
        """200 when calls can be taken, with all that is degraded; 503 when the store is away."""
        try:
            self._services.store.ping()
            health = self._services.health()
        except StoreUnavailable:
            response = jsonify(ready=False, degraded=["the store does not answer: no call can be taken"])
            response.status_code = 503
            return response
        return jsonify(ready=True, **asdict(health))

    def metrics(self) -> Response:
        """Prometheus' text format, to this machine or to whoever has the key."""
        if not from_this_machine(request):
            refused = self._gate.refusal()
            if refused is not None:
                return refused
        return Response(generate_latest(self._registry), content_type=CONTENT_TYPE_LATEST)


def probes_blueprint(probes: Probes) -> Blueprint:
    """The probes' addresses."""
    blueprint = Blueprint("probes", __name__)
    blueprint.add_url_rule("/healthz", view_func=probes.alive)
    blueprint.add_url_rule("/readyz", view_func=probes.ready)
    blueprint.add_url_rule("/metrics", view_func=probes.metrics)
    return blueprint
