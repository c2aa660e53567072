"""On which terms a task is offered: the owner's for calls, its workflow's for everything else."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.core.entities import Task
from app.core.hours import day_began
from app.core.missed import Terms, owner_terms
from app.core.routing.definitions import RESERVATION_SECONDS, Rules
from app.usecases.context import Context
from app.usecases.link import is_suspected

DECIDING = 60


def terms_of(context: Context, task: Task) -> Terms:
    """The terms for this task under the present rules."""
    if task.call:
        terms = owner_terms(context.configs.get(task.config), task.queue)
        return replace(terms, excused=True) if is_suspected(context) else terms
    return workflow_terms(task, context.rules.current())


def today(context: Context) -> int:
    """The instant at which the present day began, by the owner's clock; by UTC where there is no owner's file."""
    zone = context.configs.current().timezone if context.of_file else "UTC"
    return _day_of_minute(zone, context.clock.now() // 60_000)


@lru_cache(maxsize=64)
def _day_of_minute(zone: str, minute: int) -> int:
    return day_began(datetime.fromtimestamp(minute * 60, ZoneInfo(zone)))


def workflow_terms(task: Task, rules: Rules) -> Terms:
    """TaskRouter's: one reservation that times out puts the worker into the workspace's timeout activity."""
    workflow = rules.workflows.get(task.workflow)
    off = rules.activities.get(rules.workspace.timeout_activity)
    return Terms(
        stands=workflow.reservation_timeout if workflow else RESERVATION_SECONDS,
        deciding=DECIDING,
        missed_limit=1 if off else 0,
        off=off.sid if off else "",
        off_available=off.available if off else False,
    )
