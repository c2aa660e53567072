"""The process that keeps history."""

from threading import Event

from app.bootstrap.installation import Installation
from app.followers.history import historian
from app.history.sql import SqlHistory, open_history


def history_of(installation: Installation) -> SqlHistory:
    """Past calls, the database brought up to date. Raises `HistoryUnavailable`."""
    return open_history(installation.settings.sqlalchemy_url())


def run(installation: Installation, consumer: str, stop: Event) -> None:
    """Copies the stream into history until told to stop."""
    historian(installation.store, history_of(installation), installation.clock, consumer).run(stop)
