"""The processes that the supervisor starts: each runs one loop until it is told to stop."""

import logging
import os
import signal
import sys
from importlib import import_module
from threading import Event

from app.bootstrap.installation import Installation
from app.settings import Settings

NAMES = ("dispatcher", "operator", "followers", "jobs")


def run_process(name: str, settings: Settings) -> None:
    """Runs one process in the foreground; SIGTERM and SIGINT end it in good order."""
    log_to_stderr()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    process = import_module(f"app.bootstrap.{name}")
    process.run(Installation(settings), f"{name}-{os.getpid()}", stop)


def log_to_stderr() -> None:
    """Lines of INFO and above, without anything personal: that is each message's own duty."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("twilio").setLevel(logging.WARNING)
