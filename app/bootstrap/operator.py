"""The operator's process."""

from threading import Event

from app.bootstrap.carrier import telephony_of
from app.bootstrap.installation import Installation
from app.followers.operator import Operator
from app.jobs.wiring import Jobs, queue
from app.usecases.switching import Switchboard


def run(installation: Installation, consumer: str, stop: Event) -> None:
    """Sends telephone commands until told to stop."""
    jobs = Jobs(queue(installation.jobs_url, installation.settings.workspace))
    switch, telephony = Switchboard(installation.context), telephony_of(installation)
    Operator(installation.store, telephony, switch, jobs.transcribe, installation.clock, consumer).run(stop)
