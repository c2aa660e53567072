"""How the state machine is run: how long, in how many threads, and how when something is to break."""

import threading
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, settings

from app.usecases.context import Context
from app.usecases.taskrouter.reservations import accept

PATIENCE = 20


def at_once(orders: Sequence[tuple[Context, str]]) -> list[object]:
    """Accepts these reservations side by side; what each was told."""
    results: list[object] = [None] * len(orders)
    start = threading.Barrier(len(orders))

    def do(place: int, context: Context, sid: str) -> None:
        start.wait(PATIENCE)
        try:
            results[place] = accept(context, sid)
        except Exception as error:  # noqa: BLE001 - told below
            results[place] = error

    threads = [threading.Thread(target=do, args=(place, *order), daemon=True) for place, order in enumerate(orders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not [result for result in results if result is None or isinstance(result, Exception)], results
    return results


def limits(examples: int, steps: int, **others: Any) -> settings:
    """Bounded, so that the whole suite stays fast."""
    return settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck),
        database=None, **others,
    )  # fmt: skip


HUNT: dict[str, Any] = {"phases": (Phase.generate,), "derandomize": True, "report_multiple_bugs": False}
"""The same way every time, and no time spent on making a failure smaller."""
