"""`switchboard import-taskrouter`: from an account that answers as Twilio's does, from files, and a lone workflow."""

import itertools
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from redis import Redis
from twilio.rest import Client

from app.bootstrap.installation import Installation
from app.cli import main
from app.settings import Settings
from tests.web.taskrouter.server import ACCOUNT, Api, running
from tests.web.taskrouter.spec import Spec

DONE, NO, WRONG_INPUT = 0, 1, 2
TOKEN = "0123456789abcdef" * 2
QUEUE, OTHER = "WQ" + "1" * 32, "WQ" + "2" * 32
WORKFLOW = {"task_routing": {"filters": [], "default_filter": {"queue": QUEUE}}}
NUMBERS = itertools.count()
OWNERS_FILE = "business: Shop\ntime zone: UTC\n"
Run = Callable[..., Result]


@pytest.fixture
def settings(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation of its own, in an empty folder, on a Redis where no workspace of an earlier test is left."""
    with Redis.from_url(redis_url) as server:
        server.flushdb()
    monkeypatch.chdir(tmp_path)
    for name in Settings().to_environment():
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "owner.yaml").write_text(OWNERS_FILE)
    return Settings(
        redis_url=redis_url, workspace=f"import-{os.getpid()}-{next(NUMBERS)}", data_dir=tmp_path / "var",
        config_path=tmp_path / "owner.yaml", public_url="https://shop.example",
    )  # fmt: skip


@pytest.fixture
def run(settings: Settings) -> Run:
    """Types the command, in that installation unless told otherwise."""

    def typed(*words: str | Path, **environ: str) -> Result:
        known = {name: value for name, value in settings.to_environment().items() if value}
        return CliRunner().invoke(main, ["import-taskrouter", *map(str, words)], env={**known, **environ})

    return typed


@pytest.fixture
def account() -> Iterator[Api]:
    """An account with a workspace beside its first."""
    with running(Spec(), token=TOKEN) as api:
        yield api


def credentials(api: Api) -> dict[str, str]:
    return {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_API_URL": api.base_url}


def a_workspace(api: Api, timeout: int | None = None) -> str:
    """A workspace at the account; with a `timeout` its only filter is a dead end."""
    sdk = Client(ACCOUNT, TOKEN)
    sdk.taskrouter.base_url = api.base_url
    sid = str(sdk.taskrouter.v1.workspaces.create("Bakery").sid)
    here = sdk.taskrouter.v1.workspaces(sid)
    queue = here.task_queues.create("Bread", target_workers="skills HAS 'bread'").sid
    target = {"queue": queue} | ({"timeout": timeout} if timeout else {})
    filters = [{"filter_friendly_name": "vip", "expression": "vip == true", "targets": [target]}]
    routing = {"task_routing": {"filters": filters, "default_filter": {"queue": queue}}}
    here.workflows.create("Orders", configuration=json.dumps(routing))
    here.workers.create("Ann", attributes='{"skills": ["bread"]}')
    sdk.http_client.session.close()
    return sid


def exported(folder: Path, run: Run, api: Api, sid: str) -> Path:
    """The workspace in a file, as the command itself saves it."""
    file = folder / "bakery.json"
    assert run("--workspace", sid, "--save", file, "--dry-run", **credentials(api)).exit_code == DONE
    return file


def queues_here(settings: Settings, sid: str) -> list[str]:
    installation = Installation(settings)
    context = installation.workspaces.find(sid)
    found = sorted(queue.name for queue in context.rules.fresh().queues.values()) if context else []
    installation.store.close()
    return found


def test_a_workspace_of_the_account_is_imported_and_told_of(run: Run, settings: Settings, account: Api) -> None:
    sid = a_workspace(account)
    result = run("--workspace", sid, **credentials(account))

    assert result.exit_code == DONE, result.output
    assert f"Bakery ({sid}): imported" in result.stdout
    assert "workers: 1 new, 0 changed, 0 as before" in result.stdout
    assert f"Orders: https://shop.example/voice/enqueue/{sid}/WW" in result.stdout
    assert "TaskRouter.js: it is not served yet" in result.stdout
    assert queues_here(settings, sid) == ["Bread"]


def test_again_it_says_that_nothing_changed(run: Run, account: Api) -> None:
    sid = a_workspace(account)
    run("--workspace", sid, **credentials(account))
    found = json.loads(run("--workspace", sid, "--json", **credentials(account)).stdout)
    assert {kind: (tally["new"], tally["changed"]) for kind, tally in found["imported"].items()} == {
        kind: ([], {}) for kind in ("workspace", "activities", "task_channels", "task_queues", "workflows", "workers")
    }


def test_a_dead_end_is_imported_all_the_same_and_is_a_no(run: Run, settings: Settings, account: Api) -> None:
    sid = a_workspace(account, timeout=30)
    result = run("--workspace", sid, "--json", **credentials(account))

    assert result.exit_code == NO
    (proof,) = [each for each in json.loads(result.stdout)["proofs"] if each["severity"] == "error"]
    assert proof["about"] == "dead end"
    assert proof["way"].startswith("filter 'vip' -> target 1 (queue Bread, 30 s) -> canceled")
    assert queues_here(settings, sid) == ["Bread"]


def test_a_dry_run_stores_nothing_and_needs_no_server(run: Run, settings: Settings, account: Api) -> None:
    sid = a_workspace(account)
    result = run("--workspace", sid, "--dry-run", **credentials(account))
    assert result.exit_code == DONE
    assert "would be imported" in result.stdout
    assert queues_here(settings, sid) == []
    away = run("--workspace", sid, "--dry-run", REDIS_URL="redis://127.0.0.1:1/0", **credentials(account))
    assert away.exit_code == DONE
    assert "No server runs here" in away.stdout


def test_an_account_with_several_workspaces_asks_which(run: Run, account: Api) -> None:
    sid = a_workspace(account)
    result = run(**credentials(account))
    assert result.exit_code == WRONG_INPUT
    assert f"--workspace {sid}   Bakery" in result.stderr
    unknown = run("--workspace", "WS" + "0" * 32, **credentials(account))
    assert unknown.exit_code == WRONG_INPUT
    assert "no workspace of this SID" in unknown.stderr


def test_an_account_that_cannot_be_read_is_a_no(run: Run, account: Api) -> None:
    wrong = run("--workspace", "WS" + "0" * 32, **{**credentials(account), "TWILIO_AUTH_TOKEN": "0" * 32})
    assert wrong.exit_code == NO
    assert "nothing was imported" in wrong.stderr


def test_without_an_account_or_a_server_it_is_said_what_is_missing(run: Run, tmp_path: Path, account: Api) -> None:
    alone = run()
    assert (alone.exit_code, "TWILIO_ACCOUNT_SID" in alone.stderr) == (WRONG_INPUT, True)
    file = exported(tmp_path, run, account, a_workspace(account))
    away = run(file, REDIS_URL="redis://127.0.0.1:1/0")
    assert (away.exit_code, "Is `switchboard serve` running?" in away.stderr) == (WRONG_INPUT, True)


def test_a_saved_export_is_imported_from_its_file(run: Run, settings: Settings, account: Api, tmp_path: Path) -> None:
    sid = a_workspace(account)
    result = run(exported(tmp_path, run, account, sid))
    assert result.exit_code == DONE, result.output
    assert queues_here(settings, sid) == ["Bread"]


def test_a_folder_holds_a_file_or_more_for_each_kind(
    run: Run, settings: Settings, account: Api, tmp_path: Path
) -> None:
    sid = a_workspace(account)
    document = json.loads(exported(tmp_path, run, account, sid).read_text())
    folder = tmp_path / "bakery"
    folder.mkdir()
    channels = document.pop("task_channels")
    for number, half in enumerate((channels[:2], channels[2:])):
        page = {"meta": {"key": "channels"}, "channels": half}
        (folder / f"task_channels-{number}.json").write_text(json.dumps(page))
    for kind, found in document.items():
        (folder / f"{kind}.json").write_text(json.dumps(found))

    found = json.loads(run(folder, "--json").stdout)
    assert {kind: len(tally["new"]) for kind, tally in found["imported"].items()} == {
        "workspace": 1, "activities": 3, "task_channels": 5, "task_queues": 1, "workflows": 1, "workers": 1,
    }  # fmt: skip
    assert queues_here(settings, sid) == ["Bread"]


def written(folder: Path, document: Any) -> Path:
    file = folder / "orders.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    return file


def test_a_lone_workflow_asks_for_its_queues(run: Run, tmp_path: Path) -> None:
    both = {"task_routing": {"filters": [{"expression": "1==1", "targets": [{"queue": OTHER}]}],
                             "default_filter": {"queue": QUEUE}}}  # fmt: skip
    result = run(written(tmp_path, both))
    assert result.exit_code == WRONG_INPUT
    for queue in (QUEUE, OTHER):
        assert f'--queue {queue}="skills HAS ' in result.stderr


def test_a_lone_workflow_runs_with_the_queues_that_were_given(run: Run, settings: Settings, tmp_path: Path) -> None:
    file = written(tmp_path, WORKFLOW)
    result = run(file, "--queue", f"{QUEUE}=skills HAS 'sales'", "--name", "Orders", "--json")
    assert result.exit_code == DONE, result.output
    found = json.loads(result.stdout)
    assert found["workspace"]["name"] == "Orders"
    assert queues_here(settings, found["workspace"]["sid"]) == [QUEUE]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "orders.json:1:2: not JSON"),
        ("[]", "orders.json:1:1: a JSON object is expected"),
        ("{}", "workspace: is missing"),
        ('{"task_routing": {"filters": [{"expression": "a ==", "targets": []}]}}', "the rule stops too early"),
        ("\udcff", "this is not UTF-8"),
    ],
)
def test_what_is_no_export_is_wrong_input_and_nothing_is_stored(
    run: Run, settings: Settings, tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "orders.json"
    file.write_bytes(content.encode(errors="surrogateescape"))
    result = run(file)
    assert result.exit_code == WRONG_INPUT
    assert "Traceback" not in result.output
    assert said in result.stderr
    installation = Installation(settings)
    assert [context.workspace for context in installation.workspaces.all()] == [settings.workspace]
    installation.store.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere.json",), "nowhere.json: No such file"),
        ((".",), "holds no workspace.json"),
        (("owner.yaml", "--workspace", "WS1"), "--workspace names one of the account's"),
        (("--queue", f"{QUEUE}=1==1"), "--queue and --name go with the file of a workflow"),
    ],
)
def test_words_that_do_not_go_together_are_wrong_input(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert (result.exit_code, said in result.stderr) == (WRONG_INPUT, True), result.output


def test_a_queue_without_a_rule_is_shown_how_to_write_one(run: Run, tmp_path: Path) -> None:
    result = run(written(tmp_path, WORKFLOW), "--queue", QUEUE)
    assert (result.exit_code, "write it like --queue WQ" in result.stderr) == (WRONG_INPUT, True)


def test_a_broken_owners_file_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "owner.yaml").write_text("business: Shop\n")
    result = run(written(tmp_path, WORKFLOW), "--queue", f"{QUEUE}=1==1")
    assert (result.exit_code, "owner.yaml:1:1: " in result.stderr) == (WRONG_INPUT, True)
