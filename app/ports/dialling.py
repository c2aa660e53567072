"""What assignment instructions can have the telephone do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.ports.telephony import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerCall:
    """A call to a worker. `url`: where its instructions are ("": with us); `caller_id` "": this installation's.

    `options` are the parameters of the instruction, under their names there.
    """

    workspace: str
    reservation: str
    to: str
    caller_id: str = ""
    url: str = ""
    seconds: int = 60
    options: Mapping[str, str] = field(default_factory=dict)


class Dialler(Protocol):
    """The carrier's commands, each with a time-out; retries happen inside, and only where they are safe."""

    def call(self, wanted: WorkerCall) -> Outcome:
        """Calls a worker; never repeated when it may have rung already."""

    def send(self, call: str, url: str) -> Outcome:
        """Has a live call fetch its instructions at an address."""

    def meet(self, call: str, workspace: str, reservation: str) -> Outcome:
        """Has a caller join the room in which the reservation's worker is."""

    def state(self, call: str) -> Outcome:
        """`DONE` with data["status"] as the carrier knows it."""

    def drop_line(self, line: str) -> Outcome:
        """Removes the carrier's queue of this SID, if nobody waits in it."""
