"""`switchboard demo`: a whole simulated morning at Unicone through the real server."""

import json
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from rich.console import Console

from app.commands.failures import AnswerIsNo, WrongInput
from app.commands.live_view import LiveView
from app.commands.rehearsal import Report, rehearsal, temporary_settings
from app.commands.telling import as_json, summary
from app.owner.load import DEMO_TIMES, UNICONE, load
from app.settings import Settings
from app.simulator.scenario import Scenario, ScenarioError, load_scenario
from app.supervisor.output import LogFiles

DEMO = Path(__file__).parents[1] / "demo"
MORNING = DEMO / "morning.yaml"
BEFORE_OPENING = datetime(2026, 11, 23, 9, 59, 53, tzinfo=timezone(timedelta(hours=-5)))


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What `switchboard demo` was asked for."""

    scenario: Path = MORNING
    as_json: bool = False
    keep: Path | None = None


def demo(settings: Settings, options: DemoOptions, console: Console) -> None:
    """Runs the scenario; raises AnswerIsNo unless every call ended as the scenario says."""
    scenario = read_scenario(options.scenario)
    with tempfile.TemporaryDirectory(prefix="switchboard-demo-") as folder:
        data = options.keep or Path(folder)
        if not options.as_json:
            _introduce(console, scenario, data)
        reports = _play(temporary_settings(settings, data), scenario, None if options.as_json else console)
    _tell(reports, scenario, console, as_one_document=options.as_json)
    wrong = sum(bool(report.mismatches) for report in reports)
    if wrong or len(reports) < len(scenario.callers):
        raise AnswerIsNo(f"{wrong} of {len(scenario.callers)} calls did not go as the scenario says.")


def read_scenario(path: Path) -> Scenario:
    """A scenario file, or exit code 2 with every mistake in it."""
    try:
        return load_scenario(path, DEMO / "audio")
    except ScenarioError as error:
        raise WrongInput(str(error)) from error


def _introduce(console: Console, scenario: Scenario, data: Path) -> None:
    console.print(f"[bold]{scenario.name}[/bold]: {len(scenario.callers)} callers, {len(scenario.agents)} phones.")
    console.print("The real server runs with the packaged unicone.yaml, and these shorter times laid over it:")
    console.print(DEMO_TIMES.read_text(), style="dim", highlight=False)
    console.print(f"Logs are in {data}/logs. Starting Redis, web, dispatcher, operator, followers, jobs …")


def _play(settings: Settings, scenario: Scenario, console: Console | None) -> list[Report]:
    shop = replace(settings, config_path=UNICONE, overlay_path=DEMO_TIMES, clock=BEFORE_OPENING, port=0)
    number = load(UNICONE).number
    with rehearsal(shop, number, LogFiles(settings.data_dir / "logs")) as server:
        if console is None:
            return server.run(scenario)
        with LiveView(console, lambda: server.get("/api/v1/live")) as view:
            return server.run(scenario, view.tell)


def _tell(reports: list[Report], scenario: Scenario, console: Console, *, as_one_document: bool) -> None:
    if as_one_document:
        document = {"scenario": scenario.name, "calls": [as_json(report) for report in reports]}
        print(json.dumps(document, indent=2))
        return
    console.print(summary(reports))
