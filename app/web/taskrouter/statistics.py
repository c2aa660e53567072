"""What all statistics have in common: what a request asks for, and numbers from events and from what is there now."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from flask import Response

from app.core.entities import Task, Worker
from app.core.routing import sids
from app.core.routing.definitions import TaskChannel
from app.core.routing.statistics import (
    COUNTED,
    RESERVATIONS,
    Fact,
    Numbers,
    Window,
    activity_durations,
    cumulative,
    reservations,
    tasks_now,
)
from app.ports.taskrouter_events import Wanted
from app.usecases.taskrouter.census import Census
from app.usecases.taskrouter.naming import channel_of
from app.web.taskrouter import answers, forms
from app.web.taskrouter.errors import invalid
from app.web.taskrouter.events import kept_events
from app.web.taskrouter.scope import Scope
from app.web.taskrouter.window import asked_thresholds, asked_window

RESERVED = (
    "reservations_created", "reservations_accepted", "reservations_rejected", "reservations_timed_out",
    "reservations_canceled", "reservations_rescinded",
)  # fmt: skip
WAITED = ("avg_task_acceptance_time", "wait_duration_until_accepted", "wait_duration_until_canceled")
ENDED = ("split_by_wait_time", "tasks_canceled", "tasks_completed", "tasks_deleted", "tasks_moved")
STANDING = (
    "tasks_by_status", "tasks_by_priority", "total_tasks", "longest_task_waiting_age", "longest_task_waiting_sid",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One request for statistics."""

    scope: Scope

    @cached_property
    def now(self) -> int:
        """The instant of the request."""
        return self.scope.context.clock.now()

    @cached_property
    def window(self) -> Window:
        """The span that cumulative statistics are about."""
        return asked_window(forms.query(), self.now)

    @cached_property
    def census(self) -> Census:
        """Who and what is there now."""
        return Census(self.scope.context, self.scope.rules)

    @cached_property
    def channel(self) -> TaskChannel | None:
        """The only channel whose tasks count."""
        name = forms.query().text("TaskChannel", 128)
        channel = channel_of(self.scope.rules, name) if name else None
        if name and channel is None:
            raise invalid("TaskChannel", f"TaskChannel {name[:64]} was not found")
        return channel

    def standing(self, tasks: Iterable[Task]) -> Numbers:
        """What these tasks add up to, as far as they are of the channel asked for."""
        channel = self.channel
        names = (channel.sid, channel.unique_name) if channel else ()
        found = (task for task in tasks if not names or task.channel in names)
        return tasks_now(found, self.scope.rules.workspace.sid, self.now)

    def past(self, entered: str, **named: str) -> Mapping[str, object]:
        """What the events that name this add up to. `entered`: the event by which a task came into it."""
        thresholds = asked_thresholds(forms.query())
        facts = self._facts(COUNTED, **named)
        return {**cumulative(facts, thresholds, entered), **self._span()}

    def past_of_workers(self, workers: Collection[Worker], **named: str) -> Mapping[str, object]:
        """What was offered to these workers, and how long they were in each activity."""
        rules, window = self.scope.rules, self.window
        known = {self.scope.public(sids.WORKER, worker.sid) for worker in workers}
        offers = (fact for fact in self._facts(RESERVATIONS, **named) if fact.worker in known)
        events = kept_events(self.scope)
        changes = [
            fact
            for fact in events.activity_facts(self.scope.sid, window.start, window.end)
            if fact.worker in known
        ]  # fmt: skip
        durations = activity_durations(changes, workers, rules, window, self.now)
        return {**reservations(offers), "activity_durations": durations, **self._span()}

    def _facts(self, types: Collection[str], **named: str) -> Iterator[Fact]:
        channel = self.scope.public(sids.CHANNEL, self.channel.sid) if self.channel else ""
        window = self.window
        wanted = Wanted(workspace=self.scope.sid, start=window.start, end=window.end, types=types, channel=channel,
                        **named)  # fmt: skip
        return kept_events(self.scope).facts(wanted)

    def _span(self) -> Mapping[str, object]:
        return {"start_time": answers.moment(self.window.start), "end_time": answers.moment(self.window.end)}


def only(numbers: Numbers, *names: str) -> dict[str, object]:
    """These of the numbers, and the span they are of if they have one."""
    return {name: numbers[name] for name in (*names, "start_time", "end_time") if name in numbers}


def flat(scope: Scope, numbers: Numbers, address: str, **identity: str) -> Response:
    """Numbers of one kind, with what they are about."""
    return answers.one({**numbers, **_about(scope, identity), "url": address})


def both(scope: Scope, realtime: Numbers | None, past: Numbers, address: str, **identity: str) -> Response:
    """Both kinds of numbers side by side."""
    now = {} if realtime is None else {"realtime": realtime}
    return answers.one({**now, "cumulative": past, **_about(scope, identity), "url": address})


def _about(scope: Scope, identity: Mapping[str, str]) -> Mapping[str, object]:
    return {"account_sid": scope.account, "workspace_sid": scope.sid, **identity}
