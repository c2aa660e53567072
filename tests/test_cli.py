"""Every command ends with the right exit code, and says clearly what was wrong."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.adapters.clock import SystemClock
from app.bootstrap.installation import Installation
from app.cli import main
from app.core.entities import Activity, CallState, Task
from app.core.events import Event, EventType
from app.core.routing.owner_rules import WORKFLOW
from app.history.sql import open_history
from app.ports.store import Delivered
from app.settings import Settings
from app.usecases.progress import Submission, submit
from app.usecases.staffing import set_activity, sync_workers

ROOT = Path(__file__).parents[1]
UNICONE = ROOT / "app" / "owner" / "examples" / "unicone.yaml"
ORDER = ROOT / "app" / "demo" / "audio" / "order_now.wav"
DIGITS = ROOT / "tests" / "speech" / "audio" / "zero_one_two_nine.wav"
TOKEN = "0123456789abcdef0123456789abcdef"
ANSWERS = [
    "Bob's Bikes",
    "+12025550100",
    "Bob",
    "+12025550101",
    "America/New_York",
    "",
    "",
    "repairs",
    "broken, fix",
    "",
]
DONE, NO, WRONG_INPUT = 0, 1, 2

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands read `.env` and the environment: here there is neither."""
    monkeypatch.chdir(tmp_path)
    for name in Settings().to_environment():
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run() -> Run:
    """Types a command."""

    def typed(*words: str | Path, keys: str | None = None, **environ: str) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], input=keys, env=environ)

    return typed


@pytest.fixture
def server(redis_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of an installation whose agents are on duty."""
    settings = Settings(redis_url=redis_url, workspace=f"cli-{os.getpid()}", data_dir=tmp_path / "var")
    settings.data_dir.mkdir()
    installation = Installation(settings)
    sync_workers(installation.context)
    yield {name: value for name, value in settings.to_environment().items() if value}
    installation.store.close()


def refused(result: Result, *said: str) -> None:
    """Wrong input: exit code 2, and a message for people that says all this."""
    assert result.exit_code == WRONG_INPUT, result.output
    assert "Traceback" not in result.output
    for words in said:
        assert words in result.stderr


def document(result: Result) -> object:
    """The one JSON document that a command printed."""
    assert result.exit_code == DONE, result.output
    return json.loads(result.stdout)


# --- help ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_explains_itself(run: Run, name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == DONE
    assert "Usage:" in result.output


def test_an_unknown_command_is_wrong_input(run: Run) -> None:
    refused(run("sing"), "No such command 'sing'")


def test_wrong_settings_stop_every_command_with_all_mistakes_at_once(run: Run) -> None:
    refused(run("score", "hello", PORT="many", PUBLIC_URL="ftp://here"), "PORT: ", "PUBLIC_URL: ")


# --- check, schema ------------------------------------------------------------------------------------------------


def test_a_good_file_passes(run: Run) -> None:
    result = run("check", UNICONE)
    assert result.exit_code == DONE
    assert "no mistakes" in result.stdout


def test_a_checked_file_as_json(run: Run) -> None:
    found = document(run("check", UNICONE, "--json"))
    assert found == {"file": str(UNICONE), "warnings": found["warnings"], "proofs": []}  # type: ignore[index]


def test_a_rule_that_never_does_what_it_says_is_a_no_in_text_and_json(run: Run, tmp_path: Path) -> None:
    text = UNICONE.read_text(encoding="utf-8")
    file = tmp_path / "shop.yaml"
    file.write_text(text.replace("serves: skills HAS 'orders'\n", "serves: skills HAS 'orders' OR name HAS 'x'\n"))
    told = run("check", file)
    assert told.exit_code == NO
    assert f"error: {file}:" in told.stderr
    assert "name is a string, and HAS needs a list" in told.stderr
    as_json = run("check", file, "--json")
    assert as_json.exit_code == NO
    (proof,) = json.loads(as_json.stdout)["proofs"]
    assert (proof["severity"], proof["file"]) == ("error", str(file))


def test_a_dead_end_is_a_mistake_with_its_way(run: Run, tmp_path: Path) -> None:
    text = UNICONE.read_text(encoding="utf-8").replace("to: voicemail           # every", "to: {queue: sales} # every")
    (tmp_path / "shop.yaml").write_text(text.replace("to: {person: susan}     # on", "to: {queue: sales} # on"))
    refused(run("check", "shop.yaml"), "greeting -> route sales: queue sales -> after 2 min: queue sales again, for")


def test_what_relies_on_the_last_resort_is_a_warning(run: Run, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(
        "business: Shop\ntime zone: UTC\nagents: {anna: {phone: '+12025550111'}}\nqueues: {sales: {serves: 1 == 1}}\n"
    )
    found = document(run("check", "shop.yaml", "--json"))
    (proof,) = found["proofs"]  # type: ignore[index]
    assert proof["way"] == "greeting -> a person asked for, or nothing understood: queue sales"
    assert any("stay for 1 h, then reach voicemail" in warning for warning in found["warnings"])  # type: ignore[index]


def test_each_mistake_in_a_file_is_named_with_file_line_and_column(run: Run, tmp_path: Path) -> None:
    text = UNICONE.read_text(encoding="utf-8").replace("greeting:", "gretting:")
    text = text.replace("serves: skills HAS 'orders'", "serves: skills HAS 'ordrs'", 1)
    broken = tmp_path / "shop.yaml"
    broken.write_text(text, encoding="utf-8")
    lines = text.splitlines()
    misspelt = next(number for number, line in enumerate(lines, 1) if line.startswith("gretting"))
    unknown = next(number for number, line in enumerate(lines, 1) if "HAS 'ordrs'" in line)
    refused(run("check", broken), f"{broken}:{misspelt}:1: ", f"{broken}:{unknown}:", "did you mean")


@pytest.mark.parametrize(
    ("content", "said"), [(b"business: [\n", ":2:1: "), (b"\xff\xfe\xfd", ":1:1: this is not UTF-8"), (b"", ":1:1: ")]
)
def test_what_is_no_owner_file_at_all_is_named_with_its_place(
    run: Run, tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "shop.yaml").write_bytes(content)
    refused(run("check", "shop.yaml"), "shop.yaml" + said)


def test_a_missing_file_and_a_folder_are_wrong_input(run: Run, tmp_path: Path) -> None:
    refused(run("check", "nowhere.yaml"), "nowhere.yaml:1:1: there is no such file")
    refused(run("check", tmp_path), "this is a folder")


def test_a_file_is_checked_against_the_model_that_listens(run: Run) -> None:
    refused(run("check", UNICONE, VOSK_MODEL="nowhere"), "nowhere: no such folder")


def test_the_account_cannot_be_checked_without_its_keys_or_an_address(run: Run) -> None:
    refused(run("check", "--carrier"), "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are not set")
    refused(run("check", "--set"), "--set goes with --carrier")


def test_an_account_that_cannot_be_read_is_a_no_in_text_and_json(run: Run) -> None:
    nobody = {
        "TWILIO_ACCOUNT_SID": f"AC{TOKEN}", "TWILIO_AUTH_TOKEN": TOKEN, "PUBLIC_URL": "https://shop.example",
        "TWILIO_API_URL": "http://127.0.0.1:1",
    }  # fmt: skip
    told = run("check", "--carrier", **nobody)
    assert told.exit_code == NO
    assert "PROBLEM  the account cannot be read" in told.stdout
    as_json = run("check", "--carrier", "--json", **nobody)
    assert as_json.exit_code == NO
    assert json.loads(as_json.stdout)[0]["level"] == "problem"


def test_the_schema_is_a_json_schema(run: Run) -> None:
    assert document(run("schema"))["$schema"].startswith("https://json-schema.org/")  # type: ignore[index]


# --- transcribe, score, models ------------------------------------------------------------------------------------


def test_a_recording_is_transcribed(run: Run) -> None:
    result = run("transcribe", ORDER)
    assert result.exit_code == DONE
    assert "order" in result.stdout


def test_words_can_be_given_and_results_come_one_json_object_a_line(run: Run) -> None:
    result = run("transcribe", DIGITS, DIGITS, "--words", "zero,one,two,nine", "--json")
    assert result.exit_code == DONE
    heard = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["file"] for one in heard] == [str(DIGITS), str(DIGITS)]
    assert set(heard[0]["text"].split()) <= {"zero", "one", "two", "nine"}


@pytest.mark.parametrize("content", [b"", b"hello\n", b"RIFF\x00\x00\x00\x00WAVE", b"\x00" * 4000])
@pytest.mark.parametrize("command", ["transcribe", "call"])
def test_a_file_that_is_not_a_recording_is_wrong_input(run: Run, tmp_path: Path, content: bytes, command: str) -> None:
    (tmp_path / "voice.wav").write_bytes(content)
    refused(run(command, "voice.wav"), "voice.wav: ")


@pytest.mark.parametrize("command", ["transcribe", "call"])
def test_a_recording_that_is_not_there_is_wrong_input(run: Run, command: str) -> None:
    refused(run(command, "nowhere.wav"), "nowhere.wav: ", "No such file")


def test_a_model_that_is_not_there_is_wrong_input(run: Run) -> None:
    refused(run("transcribe", ORDER, "--model", "nowhere"), "nowhere: no such folder")
    refused(run("models", VOSK_MODEL="nowhere"), "nowhere: no such folder")
    refused(run("score", "hello", SENTIMENT_MODEL="nowhere"), "nowhere: no such folder")
    refused(run("models", SENTIMENT_MODEL="nowhere"), "nowhere: no such folder")


def test_a_sentence_is_scored_by_a_model_that_says_its_name(run: Run) -> None:
    found = document(run("score", "where is my order this is ridiculous", "--json"))
    assert isinstance(found, dict)
    assert (found["model"], found["route"], found["mood"]) == ("lexicon-baseline", "support", "frustrated")
    told = run("score", "i want to order")
    assert "route: sales" in told.stdout


def test_a_sentence_is_not_scored_with_a_broken_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("business: Shop\n")
    refused(run("score", "hello", "--config", "shop.yaml"), "shop.yaml:1:1: ")


def test_the_models_in_use_are_told(run: Run) -> None:
    found = document(run("models", "--json"))
    assert isinstance(found, dict)
    assert found["speech"] == "vosk-en-telephone-small"
    assert "not for real callers" in found["speech is good for"]
    assert found["language"] == "lexicon-baseline"


# --- init ---------------------------------------------------------------------------------------------------------


def test_init_writes_a_file_that_passes_and_secrets_for_its_owner_alone(run: Run, tmp_path: Path) -> None:
    result = run("init", "--account-sid", f"AC{TOKEN}", "--auth-token", TOKEN, keys="\n".join([*ANSWERS, ""]))
    assert result.exit_code == DONE, result.output
    (written,) = tmp_path.glob("*.yaml")
    assert run("check", written).exit_code == DONE
    env = tmp_path / ".env"
    assert env.stat().st_mode & 0o077 == 0
    settings = Settings.from_environment({}, env)
    assert settings.config_path == Path(written.name)
    assert (settings.twilio_auth_token, settings.twilio_caller_id) == (TOKEN, "+12025550100")


def test_init_overwrites_nothing_unless_told_to(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=6000\n")
    keys = "\n".join([*ANSWERS, ""])
    refused(run("init", keys=keys), ".env", "--force")
    assert (tmp_path / ".env").read_text() == "PORT=6000\n"
    assert run("init", "--force", keys=keys).exit_code == DONE
    assert "SWITCHBOARD_CONFIG=" in (tmp_path / ".env").read_text()


def test_init_refuses_answers_that_make_no_valid_file(run: Run, tmp_path: Path) -> None:
    answers = [*ANSWERS[:4], "Moon/Tranquility", *ANSWERS[5:], ""]
    refused(run("init", keys="\n".join(answers)), "time zone")
    assert list(tmp_path.iterdir()) == []


# --- call, demo ---------------------------------------------------------------------------------------------------


def test_a_call_needs_a_recording_or_words_and_not_both(run: Run) -> None:
    refused(run("call"), "either a WAV file or --type")
    refused(run("call", ORDER, "--type", "hello"), "not both")


def test_a_call_is_not_placed_with_a_broken_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("business: Shop\n")
    refused(run("call", ORDER, "--config", "shop.yaml"), "shop.yaml:1:1: ")


@pytest.mark.parametrize("content", ["", "name: [\n", "callers: 5\n"])
def test_a_broken_scenario_is_wrong_input(run: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "day.yaml").write_text(content)
    refused(run("demo", "--scenario", "day.yaml"), "day.yaml")


def test_a_scenario_that_is_not_there_is_wrong_input(run: Run) -> None:
    refused(run("demo", "--scenario", "nowhere.yaml"), "nowhere.yaml: No such file")


# --- serve, process -----------------------------------------------------------------------------------------------


def test_the_server_does_not_start_with_a_broken_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("business: Shop\n")
    refused(run("serve", SWITCHBOARD_CONFIG="shop.yaml", ADMIN_PASSWORD="correct horse"), "shop.yaml:1:1: ")


def test_there_is_no_process_of_another_name(run: Run) -> None:
    refused(run("process", "kitchen"), "dispatcher, operator, followers, jobs")


# --- a running server ---------------------------------------------------------------------------------------------


def test_agents_are_listed_and_put_on_and_off_duty(run: Run, server: dict[str, str]) -> None:
    assert "anna is off duty" in run("agents", "anna", "off", **server).stdout
    agents = document(run("agents", "--json", **server))
    assert {"name": "anna", "state": Activity.OFF.value} in agents  # type: ignore[operator]
    assert run("agents", "anna", "on", **server).exit_code == DONE
    assert run("agents", "anna", **server).stdout.split() == ["anna", Activity.AVAILABLE.value]


def test_an_unknown_agent_is_a_no(run: Run, server: dict[str, str]) -> None:
    for words in (("agents", "nobody", "off"), ("agents", "nobody")):
        result = run(*words, **server)
        assert result.exit_code == NO
        assert "nobody: " in result.stderr


def test_an_unknown_activity_is_wrong_input(run: Run, server: dict[str, str]) -> None:
    refused(run("agents", "anna", "asleep", **server), "'asleep' is not one of")


def test_without_a_server_one_line_asks_whether_it_runs(run: Run) -> None:
    refused(run("agents"), "Is `switchboard serve` running?")
    refused(run("agents", "anna", "off"), "Is `switchboard serve` running?")


def test_a_waiting_task_is_told_why_it_waits_and_what_would_connect_it(run: Run, server: dict[str, str]) -> None:
    context = Installation(Settings.from_environment(server, Path("no.env"))).context
    queue = next(iter(context.configs.current().queues))
    task = submit(context, Submission(workflow=WORKFLOW, attributes={"queue": queue}, channel="voice"))
    assert isinstance(task, Task)
    for name in context.configs.current().agents:
        set_activity(context, name, Activity.OFF)

    told = run("explain", task.sid, **server)
    assert told.exit_code == DONE, told.output
    assert f"{task.sid}: pending in {queue}, priority " in told.stdout
    assert f"filter '{queue}': matched: queue was '{queue}'" in told.stdout
    assert "is in the activity 'off', in which no work is offered" in told.stdout
    found = document(run("explain", task.sid, "--json", **server))
    assert found["waiting"]["enough"] is True  # type: ignore[index]
    assert found["waiting"]["changes"][0] in told.stdout  # type: ignore[index]


def test_a_key_is_made_shown_once_and_revoked(run: Run, server: dict[str, str]) -> None:
    made = document(run("keys", "create", "reports", "--json", **server))
    sid, secret = made["sid"], made["secret"]  # type: ignore[index]

    assert run("keys", "create", "by hand", **server).stdout.startswith("SK")
    shown = run("keys", "list", **server).stdout
    assert f"{sid}  " in shown
    assert secret not in shown
    assert [key["name"] for key in document(run("keys", "list", "--json", **server))] == ["reports", "by hand"]  # type: ignore[attr-defined]
    assert "opens nothing any more" in run("keys", "revoke", sid, **server).stdout
    again = run("keys", "revoke", sid, **server)
    assert again.exit_code == NO
    assert "there is no such key" in again.stderr


def test_keys_need_a_running_server(run: Run) -> None:
    refused(run("keys", "list"), "Is `switchboard serve` running?")


# --- history ------------------------------------------------------------------------------------------------------


@pytest.fixture
def past(tmp_path: Path) -> dict[str, str]:
    """The settings of an installation that had one call, whose caller hung up."""
    settings = Settings(data_dir=tmp_path / "var")
    settings.data_dir.mkdir()
    history = open_history(settings.sqlalchemy_url())
    now = SystemClock().now() - 60_000
    ended = {"outcome": "abandoned", "was": CallState.LISTENING.value, "seconds": 4}
    events = (
        Event(type=EventType.CALL_ANSWERED, at=now, call="CA0001"),
        Event(type=EventType.CALL_ENDED, at=now + 4000, call="CA0001", data=ended),
    )
    history.record([Delivered(f"{event.at}-0", event) for event in events], [])
    history.close()
    return {"DATA_DIR": str(settings.data_dir)}


def test_a_past_call_is_explained(run: Run, past: dict[str, str]) -> None:
    told = run("explain", "CA0001", **past)
    assert told.exit_code == DONE, told.output
    assert "Answered" in told.stdout
    assert "4.0s  Ended: abandoned" in told.stdout
    found = document(run("explain", "CA0001", "--json", **past))
    assert found["call"]["outcome"] == "abandoned"  # type: ignore[index]


def test_a_call_that_history_does_not_have_is_a_no(run: Run, past: dict[str, str]) -> None:
    result = run("explain", "CA9999", **past)
    assert result.exit_code == NO
    assert "CA9999: history has no such call" in result.stderr


def test_the_report_has_a_row_for_each_day(run: Run, past: dict[str, str]) -> None:
    rows = document(run("report", "--json", **past))
    assert isinstance(rows, list)
    assert {"day", "offered", "answered", "abandoned", "asa_ms", "service_level"} <= set(rows[0])
    assert "speed of answer" in run("report", "--days", "1", **past).stdout


def test_a_report_needs_days_and_a_history(run: Run, past: dict[str, str]) -> None:
    refused(run("report", "--days", "0", **past), "0 is not in the range")
    refused(run("report", DATA_DIR="nowhere"), "nowhere: no such folder")
    refused(run("explain", "CA0001", DATA_DIR="nowhere"), "nowhere: no such folder")


def test_a_database_that_cannot_be_used_is_wrong_input(run: Run, tmp_path: Path) -> None:
    refused(run("report", DATABASE_URL=f"sqlite:///{tmp_path}"), "the history cannot be read")
