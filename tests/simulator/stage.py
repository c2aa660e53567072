"""A server under test for the pretend carrier: answers with what a test puts down, and keeps what it was asked."""

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import flask
import requests
from flask_sock import Sock
from simple_websocket import Server
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug.serving import make_server

from app.simulator import Caller, CallResult, Carrier

ACCOUNT: Final = "AC" + "0" * 32
TOKEN: Final = "the auth token"
NUMBER: Final = "+12025550100"
CALLER: Final = "+12025550131"
AGENT: Final = "+12025550111"
PUBLIC: Final = "https://unicone.example"
PATIENCE: Final = 15.0

Answer = str | flask.Response | Callable[["Asked"], "str | flask.Response"]


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it; `genuine` says whether the SDK's validator accepts its signature."""

    path: str
    method: str
    fields: dict[str, str]
    headers: dict[str, str]
    url: str
    genuine: bool


@dataclass
class Line:
    """One media socket as the server saw it."""

    headers: dict[str, str]
    messages: list[dict[str, Any]] = field(default_factory=list)
    closed: bool = False


def twiml(body: str) -> flask.Response:
    """A TwiML answer."""
    return flask.Response(f"<Response>{body}</Response>", content_type="text/xml")


class RedirectedClient(TwilioHttpClient):
    """The official SDK's own transport, pointed at another base URL."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=10, pool_connections=False)
        self._base_url = base_url

    def request(self, method: str, url: str, *rest: Any, **named: Any) -> Any:
        """Ask the same path elsewhere."""
        return super().request(method, f"{self._base_url}/{url.split('/', 3)[3]}", *rest, **named)


class Stage:
    """The server, and a carrier that calls it."""

    def __init__(self, **carrier_options: Any) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[Asked] = []
        self.lines: list[Line] = []
        self.on_media: Callable[[Server, dict[str, Any]], None] | None = None
        self.refuse_media = False
        self._changed = threading.Condition()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        options = {"speech_rate": 400.0, "public_url": PUBLIC, "connect_to": self.url, **carrier_options}
        self.carrier = Carrier(account_sid=ACCOUNT, auth_token=TOKEN, number=NUMBER, **options)
        self.carrier.start()
        self.client = Client(ACCOUNT, TOKEN, http_client=RedirectedClient(self.carrier.api_url))

    def close(self) -> None:
        """End everything."""
        self.carrier.stop()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # --- the server ----------------------------------------------------------------------------------------------

    def _app(self) -> flask.Flask:
        app = flask.Flask("stage")
        sock = Sock(app)

        @app.before_request
        def refuse() -> flask.Response | None:
            refused = flask.request.path == "/media" and self.refuse_media
            return flask.Response(status=403) if refused else None

        @sock.route("/media")
        def media(connection: Server) -> None:
            self._media(connection, dict(flask.request.headers))

        @app.route("/<path:path>", methods=["GET", "POST"])
        def anything(path: str) -> flask.Response:
            return self._answer(f"/{path}")

        return app

    def _answer(self, path: str) -> flask.Response:
        request = flask.request
        fields = (request.form if request.method == "POST" else request.args).to_dict()
        query = request.query_string.decode()
        url = f"{PUBLIC}{path}" + (f"?{query}" if query else "")
        posted = request.form.to_dict() if request.method == "POST" else {}
        signature = request.headers.get("X-Twilio-Signature", "")
        genuine = RequestValidator(TOKEN).validate(url, posted, signature)
        asked = Asked(path, request.method, fields, dict(request.headers), url, genuine)
        with self._changed:
            self.asked.append(asked)
            self._changed.notify_all()
        answer = self.answers.get(path, "")
        if callable(answer) and not isinstance(answer, flask.Response):
            answer = answer(asked)
        return twiml(answer) if isinstance(answer, str) else answer

    def _media(self, connection: Server, headers: dict[str, str]) -> None:
        line = Line(headers)
        with self._changed:
            self.lines.append(line)
        try:
            while True:
                message = json.loads(connection.receive())
                with self._changed:
                    line.messages.append(message)
                    self._changed.notify_all()
                if self.on_media is not None:
                    self.on_media(connection, message)
        finally:
            with self._changed:
                line.closed = True
                self._changed.notify_all()

    # --- what tests do -------------------------------------------------------------------------------------------

    def call(self, *steps: Any, **options: Any) -> CallResult:
        """Let a caller call, do these steps, and return the story when the call has ended."""
        handle = self.carrier.dial(Caller("caller", CALLER, tuple(steps), **options))
        assert handle.wait(PATIENCE), "the call did not end"
        assert self.carrier.exchange.callbacks.drain(PATIENCE)
        return handle.result

    def until(self, ready: Callable[[], Any]) -> Any:
        """Wait until something about requests or media is true, and return it."""
        with self._changed:
            assert self._changed.wait_for(ready, PATIENCE), "it did not happen"
            return ready()

    def requests_to(self, path: str) -> list[Asked]:
        """The requests so far to one path."""
        with self._changed:
            return [asked for asked in self.asked if asked.path == path]

    def request_to(self, path: str) -> Asked:
        """The first request to a path; waits for it."""
        found: Asked = self.until(lambda: self.requests_to(path))[0]
        return found

    def heard(self, result: CallResult) -> list[str]:
        """The texts that were said on a call."""
        return [said.text for said in result.said if said.kind == "said"]

    def events(self, kind: str) -> list[str]:
        """The texts of all events of a kind."""
        return [event.text for event in self.carrier.events if event.kind == kind]

    def rest(self, method: str, path: str, **fields: str) -> requests.Response:
        """A plain REST request, without the SDK."""
        url = f"{self.carrier.api_url}/2010-04-01/Accounts/{ACCOUNT}{path}"
        return requests.request(method, url, data=fields, auth=(ACCOUNT, TOKEN), timeout=10)
