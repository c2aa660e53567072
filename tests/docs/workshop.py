"""Carries out the commands that the documentation shows, each in the way that fits it; unknown ones are refused."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click
from click.testing import CliRunner

from app.cli import main
from app.core.events import EventType
from app.history.sql import open_history
from app.owner.load import UNICONE
from app.ports.store import Delivered
from app.settings import Settings
from tests.builders import an_event
from tests.docs import bakery
from tests.docs.shown import ROOT, Shown
from tests.model_server import Model, packed_model, serving
from tests.web.world import PASSWORD, World

# They need a telephone account, or run for minutes: that they can be called as shown is all that is checked here.
# `call` is run in test_commands.py; tests/demo runs the demo, tests/supervisor what `serve` starts.
LONG = {"serve", "demo", "call"}
OWNER = ["Bob's Bikes", "+12025550100", "Bob", "+12025550101", "America/New_York", "", "", "repairs", "broken", "", ""]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SECONDS = 60
PUBLISHED = "vosk-model-small-en-us-0.15"


class NotCovered(Exception):
    """The documentation shows something that no test knows how to try."""


@dataclass
class Workshop:
    """A folder to try commands in, beside a link to the code, and a web server to ask."""

    folder: Path
    redis_url: str
    world: World

    def __post_init__(self) -> None:
        (self.folder / "app").symlink_to(ROOT / "app")
        (self.folder / "FILE").write_bytes(UNICONE.read_bytes())
        (self.folder / "var").mkdir()
        history = open_history(Settings(data_dir=self.folder / "var").sqlalchemy_url())
        history.record([Delivered("1-0", an_event(EventType.CALL_ANSWERED, call="CA0123"))])
        history.close()

    def does(self, shown: Shown) -> None:
        """Tries one command; an AssertionError or NotCovered says what is wrong with it."""
        words = shown.words
        settings = {}
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]) and len(words) > 1:
            name, _, value = words.pop(0).partition("=")
            settings[name] = value
        way = _WAYS.get(words[0])
        if way is None:
            raise NotCovered(f"{shown}: no test knows how to try {words[0]}")
        way(self, words, settings)

    def switchboard(self, words: list[str], settings: Mapping[str, str]) -> None:
        """Our own command: run, or parsed where running it would take minutes or an account."""
        into = None
        if ">" in words:
            into = self.folder / words[words.index(">") + 1]
            words = words[: words.index(">")]
        if words[1] in LONG or "--carrier" in words:
            parsed(words[1:])
            return
        if words[1] == "import-taskrouter":
            self.imports(words)
            return
        typed = "\n".join(OWNER) if words[1] == "init" else None
        environ = {"REDIS_URL": self.redis_url, "WORKSPACE": "docs", **settings}
        with serving() as published:
            published.models[PUBLISHED] = Model(packed_model(PUBLISHED), {"lang": "en-us"})
            index = ["--index", published.index] if words[1] == "models" and len(words) > 2 else []
            done = CliRunner().invoke(main, [*words[1:], *index], input=typed, env=environ)
        assert done.exit_code == 0, f"{words}: exit code {done.exit_code}\n{done.output}{done.exception!r}"
        if into:
            into.write_text(done.stdout)
            json.loads(done.stdout)

    def imports(self, words: list[str]) -> None:
        """A workspace from an account on this machine, or from the exports that lie here."""
        if not (self.folder / "export").exists():
            bakery.write_exports(self.folder)
        with bakery.an_account() as (sid, settings):
            typed = [sid if word == bakery.SHOWN else word for word in words[1:]]
            environ = {"REDIS_URL": self.redis_url, "WORKSPACE": "docs", **settings}
            done = CliRunner().invoke(main, typed, env=environ)
        assert done.exit_code == 0, f"{words}: exit code {done.exit_code}\n{done.output}{done.exception!r}"

    def make(self, words: list[str], _: Mapping[str, str]) -> None:
        """A target that the Makefile has, with variables that it reads."""
        for word in words[1:]:
            name, is_variable, _value = word.partition("=")
            pattern = rf"^{name} \?=" if is_variable else rf"^{name}:"
            assert re.search(pattern, MAKEFILE, re.MULTILINE), f"the Makefile has no {name}"

    def python(self, words: list[str], settings: Mapping[str, str]) -> None:
        """Run here, but for what is to be installed: that only has to be there to be installed."""
        if "pip" in words:
            project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
            extra = re.fullmatch(r"\.\[(\w+)\]", words[-1])
            assert extra, words
            assert extra.group(1) in project["optional-dependencies"], words
            assert (ROOT / words[words.index("--constraint") + 1]).is_file()
            return
        subprocess.run([sys.executable, *words[1:]], cwd=self.folder, check=True, timeout=SECONDS)

    def ngrok(self, words: list[str], _: Mapping[str, str]) -> None:
        """The endpoint's name and the file it is in."""
        assert words[1] == "start"
        ours = [Path(word) for word in words if word.endswith("ngrok.yml") and not word.startswith("~")]
        assert ours == [Path("ngrok.yml")]
        assert f"name: {words[2]}\n" in (ROOT / ours[0]).read_text(encoding="utf-8")

    def export(self, words: list[str], _: Mapping[str, str]) -> None:
        """Our commands on PATH: where make puts them."""
        assert words[1:] == ["PATH=$PWD/.venv/bin:$PATH"]
        assert "BIN := .venv/bin\n" in MAKEFILE

    def curl(self, words: list[str], _: Mapping[str, str]) -> None:
        """Asked of the web application itself."""
        headers, body, address = {}, None, ""
        arguments = iter(words[1:])
        for word in arguments:
            if word == "-H":
                name, _, value = next(arguments).partition(": ")
                headers[name] = value.replace("$ADMIN_PASSWORD", PASSWORD)
            elif word == "--json":
                body = json.loads(next(arguments))
            else:
                address = word.removeprefix("http://127.0.0.1:5000")
                assert address.startswith("/"), words
        method = "GET" if body is None else "POST"
        answer = self.world.app.test_client().open(address, method=method, headers=headers, json=body)
        assert answer.status_code == 200, f"{words}: {answer.status_code} {answer.text}"


Way = Callable[[Workshop, list[str], Mapping[str, str]], None]
_WAYS: Mapping[str, Way] = {
    "switchboard": Workshop.switchboard,
    "make": Workshop.make,
    "python3": Workshop.python,
    ".venv/bin/python": Workshop.python,
    "ngrok": Workshop.ngrok,
    "export": Workshop.export,
    "curl": Workshop.curl,
}


def parsed(words: list[str]) -> click.Context:
    """The words as our command would take them, without running it; click raises where it would not."""
    name, *arguments = words
    command = main.commands[name]
    return command.make_context(name, arguments, parent=click.Context(main))
