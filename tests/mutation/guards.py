"""The guards of the routing engine: what each is, and how the code looks without it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    """A piece of the code that keeps a promise; `text` stands in `path` exactly once, and `without` takes it away."""

    name: str
    path: str
    text: str
    without: str
    on_redis: bool = False


GUARDS = (
    Guard(
        "memory: a commit is refused where the version has changed",
        "app/store/memory.py",
        "if put.expected != (held.version if held else 0):",
        "if put.expected < 0:",
    ),
    Guard(
        "Redis: a commit is refused where the version has changed",
        "app/store/commit.lua",
        "elseif not held or string.sub(held, 1, #expected) ~= expected then",
        "elseif expected == 'never' then",
        on_redis=True,
    ),
    Guard(
        "Redis: what is new must not be there",
        "app/store/commit.lua",
        "    if held then return number end",
        "    if held then number = number + 0 end",
        on_redis=True,
    ),
    Guard(
        "a lost race is decided again",
        "app/usecases/context.py",
        "if not change or not isinstance(store.commit(change), Conflict):",
        "if not change or store.commit(change):",
    ),
    Guard(
        "an offer that lost its race is not counted as made",
        "app/usecases/dispatching.py",
        "return 0 if isinstance(context.store.commit(change), Conflict) else len(rung)",
        "return len(rung) if context.store.commit(change) else 0",
    ),
    Guard(
        "a worker's capacity is the most they are given",
        "app/core/entities.py",
        "return self.held.get(channel, 0) < room.capacity and (self.multi_task or not self.reservations)",
        "return self.multi_task or not self.reservations",
    ),
    Guard(
        "without multi-tasking one reservation fills a worker",
        "app/core/entities.py",
        "< room.capacity and (self.multi_task or not self.reservations)",
        "< room.capacity",
    ),
    Guard(
        "no work is offered in an activity without work",
        "app/core/entities.py",
        "if room is None or not self.available or not room.available:",
        "if room is None or not room.available:",
    ),
    Guard(
        "who goes into an activity without work is not available",
        "app/core/missed.py",
        "return replace(worker, activity=activity, available=available, activity_since=now, updated=now)",
        "return replace(worker, activity=activity, activity_since=now, updated=now)",
    ),
    Guard(
        "who ends a reservation is freed",
        "app/core/offers.py",
        "worker.held.get(reservation.channel, 1) - 1}",
        "worker.held.get(reservation.channel, 1)}",
    ),
    Guard(
        "wrap-up keeps its worker",
        "app/core/offers.py",
        "Write(held.worker, replace(held.worker, talked=held.worker.talked + talked)),",
        "Write(held.worker, _without(held.worker, reservation, now)),",
    ),
    Guard(
        "the first who accepts has it, the others are let go",
        "app/core/offers.py",
        "    for held in others:\n        change += _close(held, ReservationEvent.RESCIND",
        "    for held in others[:0]:\n        change += _close(held, ReservationEvent.RESCIND",
    ),
    Guard(
        "only what is pending can be accepted",
        "app/usecases/taskrouter/reservations.py",
        "R.ACCEPTED: (R.PENDING,),",
        "R.ACCEPTED: (R.PENDING, R.ACCEPTED, R.REJECTED, R.TIMEOUT, R.RESCINDED, R.CANCELED),",
    ),
    Guard(
        "a task that others are still asked for stays reserved",
        "app/core/offers.py",
        "state = task.state if remaining else task_after(task.state, TaskEvent.RELEASE)",
        "state = task_after(task.state, TaskEvent.RELEASE)",
    ),
    Guard(
        "a task that moves on takes its offers back",
        "app/usecases/progress.py",
        "    for held in pending:\n        change += offers.take_back",
        "    for held in pending[:0]:\n        change += offers.take_back",
    ),
    Guard(
        "a canceled task takes its offers back",
        "app/core/tasks.py",
        "    for held in offers:\n        change += take_back(held, ReservationEvent.CANCEL, reason, now)",
        "    for held in offers[:0]:\n        change += take_back(held, ReservationEvent.CANCEL, reason, now)",
    ),
    Guard(
        "who declined a task is asked after everybody else",
        "app/core/strategies.py",
        "    if task.declined:\n",
        "    if task.declined and not task.workflow:\n",
    ),
    Guard(
        "who declined a task is not asked for want of those who were given something in the same round",
        "app/core/matching.py",
        "if task.declined and _for_want_of_others(task, choices, lane, taken, now):",
        "if task.declined and _for_want_of_others(task, choices, lane, set(), now):",
    ),
    Guard(
        "a task that is to move on is offered to nobody more",
        "app/usecases/dispatching.py",
        "tuple(task for task in waiting if not _moves_on(context, task)),",
        "tuple(waiting),",
    ),
    Guard(
        "a task ends when its time is over",
        "app/usecases/progress.py",
        "    if task.expires and task.expires <= now:\n",
        "    if task.expires and task.expires <= 0:\n",
    ),
    Guard(
        "a task's end is a deadline",
        "app/core/workflow.py",
        "    if task.expires:\n        instants.append(max(task.expires, now))\n",
        "",
    ),
    Guard(
        "a task is not assigned for ever",
        "app/core/offers.py",
        "return 0 if task.call else now + LONGEST_ASSIGNMENT_MS",
        "return 0",
    ),
    Guard(
        "a line with somebody in it is listed",
        "app/core/indexes.py",
        "score, listed=True))",
        "score, listed=False))",
    ),
    Guard(
        "a reading of the directory that is old is replaced",
        "app/usecases/sights.py",
        "if (heads.lanes, heads.profiles) == (known.lane_changes, known.profile_changes):",
        "if known.lanes or not heads.lanes:",
    ),
    Guard(
        "index entries that an entity no longer has are removed",
        "app/store/plan.py",
        "gone = [entry for entry in before if (entry.index, entry.member) not in places]",
        "gone = [entry for entry in before if entry.index == 'deadlines' and entry.member not in places]",
    ),
    Guard(
        "higher priority goes first within a line",
        "app/core/indexes.py",
        "return -first if task.lifo and task.workflow else -task.priority - first",
        "return -first",
    ),
    Guard(
        "the older goes first within a priority",
        "app/core/indexes.py",
        'return f"{instant:013d}{task.sid}"',
        'return f"{0:013d}{instant % 7}{task.sid}"[:13] + task.sid',
    ),
    Guard(
        "in a LIFO queue the younger goes first",
        "app/core/indexes.py",
        "LATEST - _instant(task) if task.lifo else _instant(task)",
        "_instant(task)",
    ),
    Guard(
        "higher priority goes first between lines",
        "app/core/serving.py",
        "return (-task.priority, task.since, task.since, task.sid)",
        "return (0, task.since, task.since, task.sid)",
    ),
    Guard(
        "the older goes first between lines",
        "app/core/serving.py",
        "return (-task.priority, task.since, task.since, task.sid)",
        "return (-task.priority, -task.since, task.since, task.sid)",
    ),
    Guard(
        "a known worker is looked for by name",
        "app/usecases/dispatching.py",
        "    if asked.known:\n        worker = heads",
        "    if asked.known and not asked.queue:\n        worker = heads",
    ),
    Guard(
        "what a target asks of a worker's load is looked at",
        "app/core/matching.py",
        "if LIVE_PATHS in task.demand and not meets(task.demand, live_facts(worker)):",
        "if LIVE_PATHS in task.demand and not worker.facts:",
    ),
    Guard(
        "what a target asks of a worker is met",
        "app/core/routing/lanes.py",
        "return LIVE_PATHS in lane.demand or meets(lane.demand, profile.facts)",
        "return True",
    ),
    Guard(
        "workers are described anew when the rules change",
        "app/usecases/redefining.py",
        "    sync_workers(context)\n",
        "",
    ),
    Guard(
        "what earlier configurations asked of workers is still known of them",
        "app/core/routing/staff.py",
        "paths_asked(workflow.configuration).union(workflow.reads)",
        "paths_asked(workflow.configuration)",
    ),
    Guard(
        "tasks go by the rules there are",
        "app/usecases/progress.py",
        "rules = context.rules.fresh()",
        "rules = context.rules.current()",
    ),
    Guard(
        "the end of a conversation is an opening",
        "app/usecases/dispatching.py",
        "        EventType.RESERVATION_COMPLETED,\n",
        "",
    ),
    Guard(
        "more capacity is an opening",
        "app/usecases/dispatching.py",
        "        EventType.WORKER_CAPACITY,\n",
        "",
    ),
    Guard(
        "a worker who holds something cannot be deleted",
        "app/usecases/taskrouter/workers.py",
        "    if worker.reservations:\n",
        "    if worker.deadline:\n",
    ),
    Guard(
        "who goes and lets go is asked no more",
        "app/usecases/taskrouter/workers.py",
        "        if held.reservation.state is ReservationState.PENDING:\n",
        "        if held.reservation.state is ReservationState.REJECTED:\n",
    ),
    Guard(
        "a deleted task takes its offers back",
        "app/usecases/taskrouter/finishing.py",
        "for offered in () if task.ended or held else offers_of(context.store, task):",
        "for offered in () if task.sid else offers_of(context.store, task):",
    ),
)
"""The first three are those that `make test` takes away; `make guards` takes away each."""
SHORT = ("memory: a commit is refused where the version has changed", "who ends a reservation is freed",
         "a line with somebody in it is listed")  # fmt: skip
