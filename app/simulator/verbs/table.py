"""Which function executes which verb."""

from collections.abc import Mapping
from typing import Final

from app.simulator.executor import Handler
from app.simulator.verbs.dial import dial
from app.simulator.verbs.enqueue import enqueue
from app.simulator.verbs.flow import hang_up, leave, redirect, reject
from app.simulator.verbs.gather import gather
from app.simulator.verbs.messages import message
from app.simulator.verbs.prompts import pause, play, say
from app.simulator.verbs.record import record
from app.simulator.verbs.streams import connect, start, stop

HANDLERS: Final[Mapping[str, Handler]] = {
    "Connect": connect,
    "Dial": dial,
    "Enqueue": enqueue,
    "Gather": gather,
    "Hangup": hang_up,
    "Leave": leave,
    "Message": message,
    "Pause": pause,
    "Play": play,
    "Record": record,
    "Redirect": redirect,
    "Reject": reject,
    "Say": say,
    "Start": start,
    "Stop": stop,
}
