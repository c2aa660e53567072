"""Scenario files: what they can say, and what is wrong with them said all at once, with the place."""

from pathlib import Path

import pytest

from app.simulator import (
    After,
    Answer,
    DropStream,
    HangUp,
    ListenUntil,
    Press,
    SayWords,
    ScenarioError,
    Speak,
    TypeWords,
    Wait,
    WaitFor,
    load_scenario,
    parse_scenario,
)
from app.simulator.audio import SILENCE, to_samples, write_wav

FULL = """
name: A morning
limit: 60
agents:
  - phone: "+12025550111"
    name: anna
    answers:
      - {does: accept, after: 1.5, press_after: 0.2, talks: 4}
      - {does: keys, press: ["5", "1"], gap: 0.5}
      - {does: voicemail, lasts: 8}
callers:
  - name: first
    from: "+12025550131"
    at: 2
    does:
      - {listen_until: how can i help, within: 10, finished: true}
      - {wait: 0.5}
      - {wait_for: waiting}
      - {speak: order.wav}
      - {say_words: i want to order, seconds: 1.5}
      - {press: "0"}
      - {type: flavors, confidence: 0.8}
      - {drop_stream: true}
      - {hang_up: true}
    patience: 40
    talks: 5
    expect: {outcome: connected, said: [catering], heard: [wedding], floor: 2}
  - name: second
    from: "+12025550132"
    after: {call: first, event: ended, plus: 1}
    answers: [{does: busy}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one sound."""
    (tmp_path / "order.wav").write_bytes(write_wav(to_samples(SILENCE)))
    (tmp_path / "notes.txt").write_text("no sound")
    return tmp_path


def problems(text: str, folder: Path) -> tuple[str, ...]:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, folder, "morning.yaml")
    return caught.value.problems


def test_everything_that_a_scenario_can_say_is_read(folder: Path) -> None:
    (folder / "morning.yaml").write_text(FULL)
    scenario = load_scenario(folder / "morning.yaml")
    first, second = scenario.callers
    assert (scenario.name, scenario.limit) == ("A morning", 60)
    assert scenario.agents[0].answers == (
        Answer("accept", 1.5, 0.2, talks=4),
        Answer("keys", press=("5", "1"), gap=0.5),
        Answer("voicemail", lasts=8),
    )
    assert first.does == (
        ListenUntil("how can i help", 10, finished=True),
        Wait(0.5),
        WaitFor("waiting"),
        Speak(SILENCE, "order.wav"),
        SayWords("i want to order", 1.5),
        Press("0"),
        TypeWords("flavors", 0.8),
        DropStream(),
        HangUp(),
    )
    assert (first.at, first.patience, first.talks) == (2, 40, 5)
    assert first.expect == {"outcome": "connected", "said": ["catering"], "heard": ["wedding"], "floor": 2}
    assert second.after == After("first", "ended", 1)
    assert second.answers == (Answer("busy"),)


def test_every_problem_is_told_at_once_with_its_place(folder: Path) -> None:
    text = """
callers:
  - name: first
    from: 12025550131
    does:
      - {sing: la}
      - {wait: soon}
      - {speak: missing.wav}
      - {speak: notes.txt}
    mood: glad
agents:
  - phone: "+1"
    answers: [{does: dance}]
"""
    found = problems(text, folder)
    assert [problem.split(":")[1] for problem in found] == ["4", "6", "7", "8", "9", "10", "13"]
    assert all(problem.startswith("morning.yaml:") for problem in found)
    assert 'write it in quotes: "12025550131"' in found[0]
    assert "a step is one of" in found[1]
    assert "'soon' is not a number" in found[2]
    assert "not a WAV file" in found[4]
    assert "mood: unknown" in found[5]
    assert "'dance' is not one of accept" in found[6]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name: x", "nobody calls"),
        ("- 1", "expected names with values"),
        ("callers: [{name: a, from: '+1'}, {name: a, from: '+1'}]", "two callers are called a"),
        ("callers: [{name: a, from: '+1', after: {call: b, event: ended}}]", "waits for b, who does not call"),
        ("callers: {name: a}", "expected a list"),
        ("callers: [{name: a, from: '+1', does: [{hang_up: false}]}]", "can only be true"),
        ("callers: [{name: a, from: '+1', expect: connected}]", "expected names with values"),
        ("callers: [\n  {name: a", "morning.yaml:"),
    ],
)
def test_a_broken_scenario_is_refused(text: str, complaint: str, folder: Path) -> None:
    assert any(complaint in problem for problem in problems(text, folder))


def test_a_missing_file_is_named(folder: Path) -> None:
    with pytest.raises(ScenarioError, match=r"none\.yaml"):
        load_scenario(folder / "none.yaml")
