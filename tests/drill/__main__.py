"""`make drill`: fifty callers at once, kill -9 of every process in turn, then in a loop while programs use the API.

Exit code 0 if nobody and nothing was lost.
"""

import argparse
import json
import random
import sys
from collections import Counter
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from tests.drill.kills import VICTIMS, Kills, kill_in_turn
from tests.drill.load import Load, load
from tests.drill.recovery import Recovery, recover


def main() -> int:
    """Runs what the arguments say, and tells how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description=__doc__)
    parser.add_argument(
        "--short", action="store_true", help="for every change, about a minute: the kills alone, fewer callers"
    )
    parser.add_argument("--callers", type=int, default=50, help="callers at once under load (50)")
    parser.add_argument("--seconds", type=float, default=60, help="how long the load lasts (60)")
    parser.add_argument("--victims", nargs="*", choices=VICTIMS, default=list(VICTIMS), help="whom to kill, in order")
    parser.add_argument("--engine", choices=("scripted", "vosk"), default="scripted", help="the ears while killing")
    parser.add_argument("--kills", type=int, default=12, help="how often to kill while programs use the API (12)")
    parser.add_argument("--seed", type=int, default=random.randrange(1000), help="of when these kills hit, and whom")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
    options = parser.parse_args()
    carried = None if options.short else load(options.callers, options.seconds)
    few = {"callers": 10, "apart": 1.5} if options.short else {"callers": 16, "apart": 8.0}
    killed = kill_in_turn(options.victims, int(few["callers"]), options.engine, few["apart"])
    recovered = recover(3 if options.short else options.kills, options.seed)
    if options.json:
        document = {
            "load": asdict(carried) if carried else None, "kills": asdict(killed), "recovery": asdict(recovered),
        }  # fmt: skip
        print(json.dumps(document, indent=2, default=str))
    else:
        _tell(Console(), carried, killed)
        tell_recovery(Console(), recovered)
    return 0 if killed.passed and recovered.passed and (carried is None or carried.passed) else 1


def load_table(carried: Load) -> Table:
    """What the load showed."""
    table = Table(title="Load", title_justify="left", show_header=False)
    ends = ", ".join(f"{count} {outcome}" for outcome, count in sorted(carried.outcomes.items()))
    rows = {
        "callers at once": str(carried.most_at_once),
        "calls": f"{carried.calls} ({ends})",
        "lost": _good(len(carried.lost)),
        "bridged twice": _good(carried.double_bridges),
        "TwiML requests": str(carried.webhooks),
        "median, p99, slowest": _times(carried.median, carried.p99, carried.slowest),
        "a bare view meanwhile": _times(carried.bare_median, carried.bare_p99, carried.bare_slowest),
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def kills_table(killed: Kills) -> Table:
    """What each kill did."""
    total = f"kill -9 ({killed.calls} calls, {killed.double_bridges} bridged twice, {len(killed.before)} lost before)"
    table = Table(title=total, title_justify="left")
    for column in ("killed", "calls alive", "runs again", "works again", "lost"):
        table.add_column(column)
    for kill in killed.kills:
        back, works = _seconds(kill.restarted), _seconds(kill.working)
        table.add_row(kill.victim, str(kill.alive), back, works, _good(len(kill.lost)))
    return table


def recovery_table(recovered: Recovery) -> Table:
    """What the programs were told, and what was left when all was quiet."""
    table = Table(title=f"kill -9 under the API (seed {recovered.seed})", title_justify="left", show_header=False)
    hits = Counter(victim for blow in recovered.blows for victim in blow.victims)
    slowest = max((blow.back if blow.back is not None else float("inf") for blow in recovered.blows), default=0)
    rows = {
        "kills": ", ".join(f"{count} {victim}" for victim, count in sorted(hits.items())),
        "served again within": f"{slowest:.1f} s",
        "programs were told": ", ".join(f"{count} {what}" for what, count in recovered.told.items()),
        "tasks in the end": ", ".join(f"{count} {state}" for state, count in sorted(recovered.states.items())),
        "taken in without an answer": str(recovered.unheard),
        "acknowledged, lost with Redis": str(len(recovered.in_window)),
        "wrong": _good(len(recovered.wrong)),
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def tell_recovery(console: Console, recovered: Recovery) -> None:
    """The table, and everything that is wrong."""
    console.print(recovery_table(recovered))
    for what in recovered.wrong:
        console.print(f"[red]wrong[/red] {what}", soft_wrap=True)


def _tell(console: Console, carried: Load | None, killed: Kills) -> None:
    if carried:
        console.print(load_table(carried))
    console.print(kills_table(killed))
    lost = [*(carried.lost if carried else ()), *killed.before, *(loss for kill in killed.kills for loss in kill.lost)]
    for loss in lost:
        console.print(f"[red]lost[/red] {loss.name} ({loss.sid}): {loss.why}", soft_wrap=True)


def _good(count: int) -> str:
    return f"[red]{count}[/red]" if count else "[green]0[/green]"


def _times(*seconds: float) -> str:
    return " / ".join(f"{value * 1000:.0f}" for value in seconds) + " ms"


def _seconds(value: float | None) -> str:
    return "[red]never[/red]" if value is None else f"{value:.2f} s"


if __name__ == "__main__":
    sys.exit(main())
