"""Every command that the documentation shows works as shown."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import main
from app.settings import Settings
from tests.builders import FakeClock, a_worker
from tests.docs.shown import PAGES, ROOT, Shown, commands, mentions, name_of
from tests.docs.workshop import MAKEFILE, NotCovered, Workshop
from tests.web.world import World, world

TYPED_CALL = 'switchboard call --type "i want to order for a wedding"'
# Said to be missing. When one arrives, the sentence that misses it has to go.
NOT_THERE_YET = {"replay"}


@pytest.fixture
def workshop(tmp_path: Path, clock: FakeClock, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """A folder of its own, without this machine's settings."""
    for name in Settings().to_environment():
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "workshop"
    folder.mkdir()
    monkeypatch.chdir(folder)
    with world(tmp_path, clock) as made:
        yield Workshop(folder, redis_url, _with_somebody(made))


def _with_somebody(place: World) -> World:
    place.exists(a_worker("alice"))
    place.calls_in("CA0123", "i want to order")
    place.tell_history()
    return place


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=name_of)
def test_every_command_of_a_page_can_be_typed_as_it_stands(page: Path, workshop: Workshop) -> None:
    for shown in commands(page):
        workshop.does(shown)


def test_a_command_that_no_test_covers_is_noticed(workshop: Workshop) -> None:
    with pytest.raises(NotCovered):
        workshop.does(Shown(ROOT / "README.md", 1, "sudo rm -r everything"))
    with pytest.raises(AssertionError):
        workshop.does(Shown(ROOT / "README.md", 1, "make coffee"))


def test_the_pages_show_what_a_beginner_has_to_type() -> None:
    shown = [command.text.partition("  ")[0] for command in commands(ROOT / "README.md")]
    assert {"make demo", "make test", "make serve", "switchboard init"} <= set(shown)
    assert TYPED_CALL in shown


@pytest.mark.parametrize("shown", [item for page in PAGES for item in mentions(page)], ids=str)
def test_commands_named_in_a_sentence_exist_with_their_options(shown: Shown) -> None:
    program, name, *others = shown.words
    if program == "make":
        assert f"\n{name}:" in MAKEFILE
        return
    if name.startswith("-"):
        assert name in ("--help", "--version")
        return
    if name in NOT_THERE_YET:
        assert name not in main.commands
        return
    options = {option for parameter in main.commands[name].params for option in parameter.opts}
    assert {word for word in others if word.startswith("--")} <= options


@pytest.mark.timeout(150)
def test_one_call_from_typed_words_goes_through_the_whole_server(tmp_path: Path, redis_url: str) -> None:
    words = Shown(ROOT / "README.md", 0, TYPED_CALL).words
    clean = {name: value for name, value in os.environ.items() if name not in Settings().to_environment()}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *words[1:]],
        cwd=tmp_path, env={**clean, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Recognition skipped" in done.stderr
    assert 'Heard "i want to order for a wedding"' in done.stdout
    assert "queue catering" in done.stdout
    assert "Ended: connected" in done.stdout
