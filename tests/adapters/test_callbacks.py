"""Callbacks go out once, signed, within their time, and an odd answer does no harm."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from app.adapters.callbacks import LARGEST_ANSWER, HttpCallbacks
from app.ports.callbacks import CallbackFailed, Reply
from app.telephony.twilio.signing import Signer

TOKEN = "12345"
PATIENCE = 5.0


class Program:
    """The owner's program: keeps what it is sent, and answers as it is told."""

    def __init__(self) -> None:
        self.status, self.kind, self.body = 200, "application/json", b"{}"
        self.location = ""
        self.release = threading.Event()
        self.slow = False
        self.seen: list[tuple[str, str, dict[str, str], str]] = []
        self.url = ""


@contextmanager
def running(program: Program) -> Iterator[Program]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            fields = dict(parse_qsl(form, keep_blank_values=True))
            program.seen.append((self.command, self.path, fields, self.headers.get("X-Twilio-Signature", "")))
            if program.slow:
                program.release.wait(PATIENCE)
            self.send_response(program.status)
            self.send_header("Content-Type", program.kind)
            if program.location:
                self.send_header("Location", program.location)
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # the other side may have heard enough
                self.wfile.write(program.body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            """Keeps the output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    program.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield program
    finally:
        program.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def program() -> Iterator[Program]:
    with running(Program()) as one:
        yield one


CALLBACKS = HttpCallbacks(Signer(TOKEN))


def test_a_form_arrives_whole_and_its_signature_is_right(program: Program) -> None:
    program.body = b'{"instruction": "accept"}'
    fields = {"TaskSid": "WT1", "TaskAttributes": '{"name": "Zo\u00eb & co"}', "Empty": ""}
    reply = CALLBACKS.send(f"{program.url}/assign?shop=1#rc=3", fields, seconds=PATIENCE)
    assert reply == Reply(200, "application/json", '{"instruction": "accept"}')
    method, path, got, signature = program.seen[0]
    assert (method, path, got) == ("POST", "/assign?shop=1", fields)
    assert RequestValidator(TOKEN).validate(f"{program.url}/assign?shop=1", got, signature)


def test_a_get_carries_its_fields_in_the_address_and_is_signed_over_it(program: Program) -> None:
    CALLBACKS.send(f"{program.url}/status?a=1", {"taskCallSid": "CA1"}, seconds=PATIENCE, method="GET")
    method, path, _, signature = program.seen[0]
    assert (method, path) == ("GET", "/status?a=1&taskCallSid=CA1")
    assert RequestValidator(TOKEN).validate(program.url + path, {}, signature)


def test_any_status_is_an_answer_and_a_redirect_is_not_followed(program: Program) -> None:
    program.status, program.location = 302, "http://169.254.169.254/latest"
    assert CALLBACKS.send(program.url, {}, seconds=PATIENCE).status == 302
    assert len(program.seen) == 1


def test_an_answer_that_does_not_come_in_time_is_none(program: Program) -> None:
    program.slow = True
    with pytest.raises(CallbackFailed):
        CALLBACKS.send(program.url, {}, seconds=0.2)


def test_an_answer_without_end_is_none(program: Program) -> None:
    program.body = b" " * (LARGEST_ANSWER + 1)
    with pytest.raises(CallbackFailed, match="more than"):
        CALLBACKS.send(program.url, {}, seconds=PATIENCE)


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x", "", "http://", "http://127.0.0.1:1/", "http://[::1"],
)
def test_what_is_no_address_of_a_web_server_is_refused_without_naming_it(address: str) -> None:
    with pytest.raises((CallbackFailed, ValueError)) as caught:
        CALLBACKS.send(address, {}, seconds=1)
    assert caught.type is CallbackFailed
    assert "passwd" not in str(caught.value)
