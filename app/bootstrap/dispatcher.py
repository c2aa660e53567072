"""The dispatcher's process."""

from threading import Event

from app.bootstrap.installation import Installation
from app.followers.dispatcher import Dispatcher


def run(installation: Installation, consumer: str, stop: Event) -> None:
    """Dispatches until told to stop."""
    Dispatcher(installation.context, consumer).run(stop)
