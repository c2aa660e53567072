"""The operator's process: whatever has to be done on the telephone, for every workspace."""

from threading import Event

from app.bootstrap.carrier import account_of, links_of, telephony_of
from app.bootstrap.installation import Installation
from app.followers.operator import Operator
from app.followers.orders import OrderHands
from app.followers.workspaces import EveryWorkspace
from app.jobs.wiring import Jobs, queue
from app.telephony.twilio.dialling import TwilioDialler
from app.telephony.twilio.stay_links import StayLinks
from app.usecases.context import Context
from app.usecases.switching import Switchboard
from app.usecases.taskrouter.ordering import Orders


def run(installation: Installation, consumer: str, stop: Event) -> None:
    """Sends telephone commands until told to stop."""
    jobs = Jobs(queue(installation.jobs_url, installation.settings.workspace))
    telephony = telephony_of(installation)
    dialler = TwilioDialler(account_of(installation), StayLinks(links_of(installation)))

    def operator(context: Context) -> Operator:
        hands = OrderHands(context.store, Orders(context), dialler).hands
        switch = Switchboard(context)
        return Operator(context.store, telephony, switch, jobs.transcribe, context.clock, consumer, hands=hands)

    EveryWorkspace(installation.workspaces, operator).run(stop)
