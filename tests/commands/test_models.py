"""`switchboard models` and the setting that names a model: what people read, and the exit codes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.bootstrap.ears import check_ears, engine_of, model_folder
from app.bootstrap.installation import TRIAL_EARS
from app.cli import main
from app.commands.rehearsal import temporary_settings
from app.settings import Settings
from speech import ModelUnusable
from tests.model_server import NAME, Model, World, cut_after, packed_model, serving

DONE, NO, WRONG_INPUT = 0, 1, 2
MODEL = packed_model()

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands read `.env` and the environment: here there is neither."""
    monkeypatch.chdir(tmp_path)
    for name in Settings().to_environment():
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run() -> Run:
    """Types a command about models."""
    return lambda *words, **environ: CliRunner().invoke(main, ["models", *words], env=environ)


@pytest.fixture
def server() -> Iterator[World]:
    with serving() as world:
        world.models[NAME] = Model(MODEL)
        world.models["vosk-model-small-xx-0.0"] = Model(MODEL, {"obsolete": "true"})
        world.models["vosk-model-spk-0.4"] = Model(MODEL, {"type": "spk", "lang": "all"})
        world.models["vosk-model-yy-0.2"] = Model(MODEL, {"lang": "yy-zz", "type": "big"})
        yield world


def names(result: Result) -> list[str]:
    return [model["name"] for model in json.loads(result.stdout)["published"]]


def test_without_a_word_more_the_models_in_use_are_shown(run: Run) -> None:
    assert "speech: vosk-en-telephone-small" in run().stdout
    assert json.loads(run("--json").stdout)["speech"] == "vosk-en-telephone-small"


def test_a_fetched_model_is_in_use_once_the_printed_line_is_in_env(run: Run, server: World) -> None:
    fetched = run("fetch", NAME, "--index", server.index)
    assert fetched.exit_code == DONE, fetched.output
    *_, line = fetched.stdout.splitlines()
    assert line == f"VOSK_MODEL={NAME}"
    Path(".env").write_text(line + "\n")
    assert f"speech: {NAME}" in run().stdout


def test_a_model_that_is_there_is_said_to_be_without_asking_anybody(run: Run, server: World) -> None:
    run("fetch", NAME, "--index", server.index)
    again = run("fetch", NAME, "--index", "http://127.0.0.1:9/", "--json", VOSK_MODEL=NAME)
    assert again.exit_code == DONE
    assert json.loads(again.stdout) == {
        "name": NAME,
        "folder": f"var/models/{NAME}",
        "already_there": True,
        "setting": f"VOSK_MODEL={NAME}",
        "in_use": True,
    }


def test_the_list_shows_what_hears_and_is_current(run: Run, server: World) -> None:
    assert names(run("list", "--index", server.index, "--json")) == [NAME, "vosk-model-yy-0.2"]
    assert names(run("list", "--index", server.index, "--json", "--lang", "yy")) == ["vosk-model-yy-0.2"]
    assert len(names(run("list", "--index", server.index, "--json", "--all"))) == 4


def test_the_list_says_what_is_installed(run: Run, server: World) -> None:
    before = run("list", "--index", server.index)
    assert "No model is installed" in before.stdout
    run("fetch", NAME, "--index", server.index)
    after = run("list", "--index", server.index)
    assert f"{NAME}: 706 words" in after.stdout
    assert after.exit_code == DONE


def test_a_list_out_of_reach_is_one_clear_line_below_what_is_installed(run: Run) -> None:
    listed = run("list", "--index", "http://127.0.0.1:9/list.json")
    assert listed.exit_code == NO
    assert "No model is installed" in listed.stdout
    assert listed.stderr.count("\n") == 1
    assert "127.0.0.1:9 cannot be reached" in listed.stderr


def test_a_fetch_that_fails_says_why_and_leaves_the_setting_alone(run: Run, server: World) -> None:
    server.models[NAME] = Model(MODEL, {"md5": "0" * 32})
    failed = run("fetch", NAME, "--index", server.index)
    assert failed.exit_code == NO
    assert "not what was promised" in failed.stderr
    assert "VOSK_MODEL" not in failed.output


def test_what_happens_on_the_way_is_said_and_keeps_out_of_the_document(run: Run, server: World) -> None:
    server.ways = [cut_after(1000)]
    fetched = run("fetch", NAME, "--index", server.index, "--json")
    assert json.loads(fetched.stdout)["already_there"] is False
    assert "Trying again in 1 s: the connection ended early." in fetched.stderr


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["vosk-model-nobody-made"], "has no model of this name"),
        (["../../etc"], "cannot be a model's name"),
        (["vosk-model-spk-0.4"], "does not recognize speech"),
        ([NAME, "--sha256", "abc"], "64 digits"),
    ],
)
def test_a_wrong_name_or_checksum_is_wrong_input(run: Run, server: World, words: list[str], complaint: str) -> None:
    refused = run("fetch", *words, "--index", server.index)
    assert refused.exit_code == WRONG_INPUT
    assert complaint in refused.stderr


def test_a_model_that_is_not_installed_is_refused_with_the_command_that_installs_it(run: Run) -> None:
    refused = run(VOSK_MODEL="vosk-model-small-xx-0.1")
    assert refused.exit_code == WRONG_INPUT
    assert "`switchboard models fetch vosk-model-small-xx-0.1`" in refused.stderr


@pytest.mark.parametrize("words", [["serve"], ["call", "--type", "hello"]])
def test_no_server_starts_with_ears_that_are_not_there(words: list[str], tmp_path: Path) -> None:
    environ = {"VOSK_MODEL": NAME, "PUBLIC_URL": "https://shop.example", "ADMIN_PASSWORD": "open sesame"}
    refused = CliRunner().invoke(main, words, env=environ)
    assert refused.exit_code == WRONG_INPUT
    assert f"`switchboard models fetch {NAME}`" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_rehearsal_finds_the_owners_model_although_its_data_are_elsewhere(
    run: Run, server: World, tmp_path: Path
) -> None:
    run("fetch", NAME, "--index", server.index)
    rehearsed = temporary_settings(Settings(vosk_model=NAME), tmp_path / "elsewhere")
    assert model_folder(rehearsed) == tmp_path / "var" / "models" / NAME


def test_a_folder_that_is_no_model_is_found_out_without_loading_it(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelUnusable, match="not a Vosk model"):
        check_ears(Settings(vosk_model=str(tmp_path / "empty")))
    check_ears(Settings(vosk_model=str(tmp_path / "empty"), speech_engine="scripted"))
    check_ears(Settings())


def test_an_installed_model_is_heard_with(run: Run, server: World) -> None:
    run("fetch", NAME, "--index", server.index)
    assert engine_of(Settings(vosk_model=NAME)).words_missing(["catering", "zebra"]) == ("zebra",)


def test_the_owner_is_told_a_command_that_exists() -> None:
    command = TRIAL_EARS.split("`")[1].split()
    assert command[:3] == ["switchboard", "models", "fetch"]
    context = main.commands["models"].commands["fetch"].make_context("fetch", command[3:])
    assert context.params["name"] == "vosk-model-small-en-us-0.15"
