"""The process that keeps history, and tells programs what happens and what they have to decide."""

from threading import Event

from app.adapters.callbacks import HttpCallbacks
from app.bootstrap.installation import Installation
from app.followers.assignments import Assignments
from app.followers.event_callbacks import EventCallbacks
from app.followers.follower import Follower
from app.followers.history import historian
from app.followers.taskrouter_feed import taskrouter_feed
from app.followers.together import run_together
from app.followers.workspaces import EveryWorkspace
from app.history.sql import SqlHistory, open_history
from app.history.taskrouter_events import SqlTaskRouterEvents
from app.telephony.twilio.signing import Signer
from app.usecases.context import Context
from app.usecases.taskrouter.assignment import Assignment


def history_of(installation: Installation) -> SqlHistory:
    """Past calls, the database brought up to date. Raises `HistoryUnavailable`."""
    return open_history(installation.settings.sqlalchemy_url())


def run(installation: Installation, consumer: str, stop: Event) -> None:
    """Follows the streams until told to stop."""
    history, account = history_of(installation), installation.account_sid
    events = SqlTaskRouterEvents(history.database)
    callbacks = HttpCallbacks(Signer(installation.settings.twilio_auth_token or ""))

    def feed(context: Context) -> Follower:
        return taskrouter_feed(context, events, consumer)

    def assignments(context: Context) -> Assignments:
        return Assignments(context.store, Assignment(context, account), callbacks, context.clock, consumer)

    everywhere = [EveryWorkspace(installation.workspaces, make) for make in (feed, assignments)]
    told = EventCallbacks(events, callbacks, installation.clock, account)
    run_together((historian(installation.store, history, installation.clock, consumer), told, *everywhere), stop)
