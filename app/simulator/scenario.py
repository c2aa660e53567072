"""Reads scenario files: who calls when and does what, and how agents answer.

A scenario is YAML:

    name: A morning at Unicone
    limit: 120                          # seconds after which everybody hangs up (180)
    agents:
      - phone: "+12025550111"
        name: anna
        answers:                        # one entry a ring; the last one repeats
          - {does: accept, after: 1.5, press_after: 0.8, talks: 4}   # presses 1; no `talks`: the other side hangs up
          - {does: decline, after: 1}                                # presses 2
          - {does: keys, after: 1, press: ["5", "1"], gap: 1.0}      # presses these
          - {does: silent, after: 1, lasts: 20}                      # answers and does nothing
          - {does: voicemail, after: 2, lasts: 8}                    # a machine: presses nothing, then hangs up
          - {does: hang_up, after: 1, lasts: 0.5}                    # answers and hangs up at once
          - {does: ignore}                                           # rings until the server's time-out
          - {does: busy}
    callers:
      - name: wedding
        from: "+12025550131"
        at: 2.0                         # seconds after the start, or:
        after: {call: other, event: connected, plus: 1}              # connected | waiting | recording | ended
        does:
          - {listen_until: "how can i help", within: 10, finished: true}   # finished: until that prompt has ended
          - {wait: 0.5}
          - {wait_for: waiting, within: 10}                          # connected | waiting | recording | ended
          - {speak: wedding.wav}                                     # a file in the audio folder
          - {say_words: "i want to order", seconds: 1.5}             # words written into the frames (audio.py)
          - {press: "0"}
          - {type: "i want to order", confidence: 0.9}               # SpeechResult of the running or next speech Gather
          - {drop_stream: true}                                      # the media socket breaks
          - {hang_up: true}
        patience: 40                    # hangs up when not connected so many seconds after the start
        talks: 5                        # once bridged, hangs up after so long (omitted: the other side does)
        answers: []                     # what happens when the server calls this number (as agents')
        expect: {outcome: connected, agent: anna, said: ["catering"], not_said: [], connected_before: other}

`expect` may hold more keys than the carrier can see (route, heard, mood …); they are kept for others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from app.simulator.agents import Answer
from app.simulator.audio import AudioError, read_wav
from app.simulator.callers import (
    After,
    Caller,
    DropStream,
    HangUp,
    ListenUntil,
    Press,
    SayWords,
    Speak,
    Step,
    TypeWords,
    Wait,
    WaitFor,
)
from app.simulator.fields import Fields, Problems

_CONDUCTS: Final = ("accept", "decline", "keys", "silent", "voicemail", "hang_up", "ignore", "busy")
_STATES: Final = ("connected", "waiting", "recording", "ended")


class ScenarioError(ValueError):
    """The scenario cannot be played; each problem names file, line and column."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent's telephone and how it is answered, ring by ring."""

    phone: str
    name: str
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole play."""

    name: str
    callers: tuple[Caller, ...]
    agents: tuple[Agent, ...] = ()
    limit: float = 180.0


def load_scenario(path: Path, audio_folder: Path | None = None) -> Scenario:
    """Read a scenario file; sounds are looked for in `audio_folder` (by default the file's own)."""
    try:
        return parse_scenario(path.read_text(encoding="utf-8"), audio_folder or path.parent, str(path))
    except OSError as error:
        raise ScenarioError((f"{path}: {error.strerror}",)) from error


def parse_scenario(text: str, audio_folder: Path, name: str = "scenario") -> Scenario:
    """Read a scenario from text; raises ScenarioError with every problem at once."""
    problems = Problems(name)
    try:
        tree: Any = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise ScenarioError((f"{where}: {error.problem}",)) from error
    reader = _Reader(problems, audio_folder)
    scenario = reader.scenario(Fields.of(tree, problems))
    if problems.found:
        raise ScenarioError(tuple(problems.found))
    return scenario


class _Reader:
    """Turns the tree into values, noting every problem and going on."""

    def __init__(self, problems: Problems, audio_folder: Path) -> None:
        self._problems = problems
        self._audio = audio_folder
        self._sounds: dict[str, bytes] = {}
        self._steps: Mapping[str, Callable[[Fields], Step]] = {
            "listen_until": lambda f: ListenUntil(f.text("listen_until"), f.number("within", 15.0), f.flag("finished")),
            "wait": lambda f: Wait(f.number("wait", 0.0)),
            "wait_for": lambda f: WaitFor(f.choice("wait_for", _STATES), f.number("within", 30.0)),  # type: ignore[arg-type]
            "speak": self._speak,
            "say_words": lambda f: SayWords(f.text("say_words"), f.number("seconds", 1.0)),
            "press": lambda f: Press(f.text("press")),
            "type": lambda f: TypeWords(f.text("type"), f.number("confidence", 0.9)),
            "hang_up": lambda f: _flagged(f, "hang_up", HangUp()),
            "drop_stream": lambda f: _flagged(f, "drop_stream", DropStream()),
        }

    def scenario(self, fields: Fields) -> Scenario:
        scenario = Scenario(
            fields.text("name", "scenario"),
            tuple(self._caller(item) for item in fields.items("callers")),
            tuple(self._agent(item) for item in fields.items("agents")),
            fields.number("limit", 180.0),
        )
        fields.finish()
        self._check_names(scenario, fields)
        return scenario

    def _check_names(self, scenario: Scenario, fields: Fields) -> None:
        names = [caller.name for caller in scenario.callers]
        if not names:
            fields.complain("callers", "nobody calls")
        for name in sorted({name for name in names if names.count(name) > 1}):
            fields.complain("callers", f"two callers are called {name}")
        for caller in scenario.callers:
            if caller.after is not None and caller.after.call not in names:
                fields.complain("callers", f"{caller.name} waits for {caller.after.call}, who does not call")

    def _agent(self, fields: Fields) -> Agent:
        phone = fields.text("phone")
        answers = tuple(_answer(item) for item in fields.items("answers"))
        agent = Agent(phone, fields.text("name", phone), answers)
        fields.finish()
        return agent

    def _caller(self, fields: Fields) -> Caller:
        after = fields.part("after")
        caller = Caller(
            name=fields.text("name"),
            from_number=fields.text("from"),
            does=tuple(step for item in fields.items("does") if (step := self._step(item)) is not None),
            at=fields.number("at", 0.0),
            after=_after(after) if after else None,
            patience=fields.optional_number("patience"),
            talks=fields.optional_number("talks"),
            answers=tuple(_answer(item) for item in fields.items("answers")),
            expect=fields.plain("expect"),
        )
        fields.finish()
        return caller

    def _step(self, fields: Fields) -> Step | None:
        names = [name for name in self._steps if fields.has(name)]
        if len(names) != 1:
            fields.complain("", f"a step is one of {', '.join(self._steps)}")
            return None
        step = self._steps[names[0]](fields)
        fields.finish()
        return step

    def _speak(self, fields: Fields) -> Step:
        name = fields.text("speak")
        if name not in self._sounds:
            try:
                self._sounds[name] = read_wav((self._audio / name).read_bytes())
            except OSError as error:
                fields.complain("speak", f"{self._audio / name}: {error.strerror}")
            except AudioError as error:
                fields.complain("speak", f"{name}: {error}")
        return Speak(self._sounds.get(name, b""), name)


def _flagged(fields: Fields, name: str, step: Step) -> Step:
    if not fields.flag(name):
        fields.complain(name, "can only be true")
    return step


def _after(fields: Fields) -> After:
    after = After(fields.text("call"), fields.choice("event", _STATES), fields.number("plus", 0.0))  # type: ignore[arg-type]
    fields.finish()
    return after


def _answer(fields: Fields) -> Answer:
    answer = Answer(
        fields.choice("does", _CONDUCTS),  # type: ignore[arg-type]
        fields.number("after", 1.0),
        fields.number("press_after", 0.8),
        fields.texts("press"),
        fields.number("gap", 1.0),
        fields.optional_number("talks"),
        fields.optional_number("lasts"),
    )
    fields.finish()
    return answer
