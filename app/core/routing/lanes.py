"""Lanes and profiles: tasks that the same workers can serve, and workers who can serve the same tasks.

A lane is the waiting tasks of one channel and queue whose target asks the same of a worker; a profile is the workers
with the same queues who agree on every attribute that some rule reads. Matching compares lanes with profiles, so that
its cost grows with neither the number of waiting tasks nor that of workers.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from app.core.routing.residual import residual_rule

if TYPE_CHECKING:
    from app.core.entities import Task

PERSON = "@"
LIVE_PATHS = "worker.channel."
"""What changes with every offer is no part of a profile; rules that read it are tested on the worker themselves."""


class Lane(NamedTuple):
    """What the tasks of a lane have in common; `known`: the only worker who may have them ("" : anybody)."""

    channel: str
    queue: str
    known: str
    demand: str

    @property
    def name(self) -> str:
        """The lane as it is called in indexes and events."""
        return "|".join(self)


def lane_of(task: "Task") -> Lane:
    """The lane a task waits in."""
    known = task.queue.removeprefix(PERSON) if task.queue.startswith(PERSON) else task.known
    return Lane(task.channel, task.queue, known, task.demand)


@lru_cache(maxsize=65_536)
def read_lane(name: str) -> Lane:
    """The lane of this name."""
    return Lane(*name.split("|", 3))


def queue_lane(queue: str, channel: str = "voice") -> str:
    """The name of the lane of tasks that ask nothing more than the queue does."""
    known = queue.removeprefix(PERSON) if queue.startswith(PERSON) else ""
    return Lane(channel, queue, known, "").name


@dataclass(frozen=True, slots=True)
class Profile:
    """The queues that some workers serve, and what rules can read of them."""

    queues: tuple[str, ...]
    facts: Mapping[str, object] = field(default_factory=dict)

    def text(self) -> str:
        """The profile as text; equal profiles have equal texts."""
        return json.dumps({"queues": self.queues, "facts": self.facts}, sort_keys=True, separators=(",", ":"))

    def sid(self) -> str:
        """A short name for the profile, the same for equal ones."""
        return hashlib.sha1(self.text().encode(), usedforsecurity=False).hexdigest()[:16]


def read_profile(text: str) -> Profile:
    """The profile that `text` was made of."""
    raw = json.loads(text)
    return Profile(tuple(raw["queues"]), raw["facts"])


def serves(profile: Profile, lane: Lane) -> bool:
    """Whether workers of this profile may have the lane's tasks, as far as the profile can tell."""
    if lane.known or lane.queue not in profile.queues:
        return False
    return LIVE_PATHS in lane.demand or meets(lane.demand, profile.facts)


def meets(demand: str, facts: Mapping[str, object]) -> bool:
    """Whether what rules read of a worker satisfies what a target asks."""
    rule = residual_rule(demand)
    return rule is None or rule.holds({"worker": facts})
