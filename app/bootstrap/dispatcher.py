"""The dispatcher's process."""

from threading import Event

from app.bootstrap.installation import Installation
from app.followers.dispatcher import Dispatcher
from app.followers.workspaces import EveryWorkspace


def run(installation: Installation, consumer: str, stop: Event) -> None:
    """Dispatches in every workspace until told to stop."""
    EveryWorkspace(installation.workspaces, lambda context: Dispatcher(context, consumer)).run(stop)
