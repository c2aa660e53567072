"""The measure of all webhooks: a bare Flask view that answers fixed TwiML, under the server's own gunicorn settings."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from flask import Flask, Response

import app.supervisor.gunicorn_conf

TWIML = (
    '<?xml version="1.0" encoding="UTF-8"?><Response><Gather input="dtmf" timeout="2" numDigits="1" '
    'action="https://unicone.example/voice/turn/0"><Say language="en-US">How can I help you?</Say></Gather></Response>'
)
_START_SECONDS = 30.0


def application() -> Flask:
    """The application with its one view."""
    bare = Flask(__name__)

    @bare.post("/voice/incoming")
    def answer() -> Response:
        return Response(TWIML, content_type="text/xml; charset=utf-8")

    return bare


@contextmanager
def bare_server() -> Iterator[str]:
    """Runs the bare view in processes of its own; gives its address."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    config = str(Path(app.supervisor.gunicorn_conf.__file__))
    command = (sys.executable, "-m", "gunicorn", "--config", config, "--bind", f"fd://{listener.fileno()}")
    process = subprocess.Popen(
        (*command, "tests.benchmarks.bare:application()"),
        cwd=Path(__file__).parents[2], pass_fds=(listener.fileno(),), start_new_session=True,
    )  # fmt: skip
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        _wait_until_it_answers(url, process)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        listener.close()


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None:
        if time.monotonic() > deadline:
            raise RuntimeError("the bare view did not start")
        try:
            requests.post(f"{url}/voice/incoming", timeout=5).raise_for_status()
            return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise RuntimeError(f"the bare view's server ended with {process.returncode}")
