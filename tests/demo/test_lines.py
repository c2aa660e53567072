"""The callers' lines: telephone audio in which the model in the box hears what the demo depends on."""

import dataclasses
import itertools
from pathlib import Path

import pytest
import soundfile

from app.demo import AUDIO, make_audio, telephone
from app.demo.hear_lines import hear, words
from app.demo.make_audio import Line, read_lines
from app.owner.load import UNICONE, load
from speech.vosk_engine import VoskRecognizer

LINES = read_lines()
SPOKEN = [line for line in LINES if line.keywords]
LARGEST = 40_000
# The model looks at sound in steps of 30 ms, calls come in frames of 20 ms: these are all the ways they can fall.
BEGINNINGS = (0.5, 0.52, 0.54)
HAS_VOICES = not make_audio.missing_tools()


def by_file(line: Line) -> str:
    return line.file


def the_line(file: str) -> Line:
    return next(line for line in LINES if line.file == file)


def test_the_table_names_exactly_the_files_there_are() -> None:
    assert sorted(line.file for line in LINES) == sorted(path.name for path in AUDIO.glob("*.wav"))


@pytest.mark.parametrize("line", LINES, ids=by_file)
def test_a_line_is_a_small_mono_mu_law_file_at_telephone_rate(line: Line) -> None:
    facts = soundfile.info(AUDIO / line.file)
    assert (facts.samplerate, facts.channels, facts.subtype, facts.format) == (8000, 1, "ULAW", "WAV")
    assert 3_000 < (AUDIO / line.file).stat().st_size < LARGEST


@pytest.mark.parametrize("line", LINES, ids=by_file)
def test_a_line_is_as_loud_as_a_caller(line: Line) -> None:
    samples, _ = telephone.read(AUDIO / line.file)
    loudness = telephone.level(samples)
    assert loudness < -50 if line.quality == "absent" else -24 < loudness < -17
    assert abs(samples).max() < 0.99


def test_no_line_uses_a_word_the_model_cannot_hear(box_model: VoskRecognizer) -> None:
    assert box_model.words_missing([line.text for line in LINES]) == ()


@pytest.mark.parametrize(("line", "before"), [*zip(SPOKEN, itertools.cycle(BEGINNINGS), strict=False)])
def test_the_key_words_are_heard(line: Line, before: float, box_model: VoskRecognizer) -> None:
    heard = words(hear(box_model, AUDIO / line.file, before)).split()
    assert set(line.keywords) <= set(heard), line.file


@pytest.mark.parametrize("line", SPOKEN, ids=by_file)
def test_the_table_says_that_the_key_words_are_heard(line: Line) -> None:
    assert set(line.keywords) <= set(line.heard.split())


@pytest.mark.parametrize("before", BEGINNINGS)
def test_the_unsure_caller_is_heard_well_enough_to_ask_and_too_badly_to_go_on(
    before: float, box_model: VoskRecognizer
) -> None:
    turns = load(UNICONE).turns
    finals = hear(box_model, AUDIO / "unsure.wav", before)
    certainty = max(word.confidence for final in finals for word in final.words if word.word == "catering")
    assert turns.ignore_below + 0.05 < certainty < turns.confirm_below


@pytest.mark.parametrize("file", ["mumble.wav", "mumble_again.wav"])
@pytest.mark.parametrize("before", BEGINNINGS)
def test_a_mumble_is_noticed_but_means_nothing(file: str, before: float, box_model: VoskRecognizer) -> None:
    config = load(UNICONE)
    meaningful = {word for route in config.routes.values() for words in route.keywords for word in words.split()}
    meaningful |= {
        word
        for menu in config.menus.values()
        for choice in menu.choices
        for said in choice.words
        for word in said.split()
    }
    heard = set(words(hear(box_model, AUDIO / file, before)).split())
    assert heard
    assert not heard & (meaningful | set(config.person_words))


def test_nobody_is_heard_in_the_noise_of_the_line(box_model: VoskRecognizer) -> None:
    assert words(hear(box_model, AUDIO / "line_noise.wav")) == ""


@pytest.mark.skipif(not HAS_VOICES, reason="flite or espeak-ng is not installed")
@pytest.mark.parametrize("file", ["order_vanilla.wav", "wedding.wav"])
def test_the_script_makes_the_line_again(file: str, tmp_path: Path, box_model: VoskRecognizer) -> None:
    line = the_line(file)
    again = make_audio.make(line, tmp_path)
    assert set(line.keywords) <= set(words(hear(box_model, again)).split())
    second = tmp_path / "second"
    second.mkdir()
    assert make_audio.make(line, second).read_bytes() == again.read_bytes()


@pytest.mark.skipif(not HAS_VOICES, reason="flite or espeak-ng is not installed")
def test_more_noise_is_louder_between_the_words(tmp_path: Path) -> None:
    line = the_line("susan.wav")
    (tmp_path / "noisy").mkdir()
    quiet = make_audio.make(line, tmp_path)
    noisy = make_audio.make(dataclasses.replace(line, noise=10.0), tmp_path / "noisy")
    before_speech = round(make_audio.LEAD_SECONDS * telephone.RATE)
    levels = [telephone.level(telephone.read(path)[0][:before_speech]) for path in (quiet, noisy)]
    assert levels[1] - levels[0] == pytest.approx(line.noise - 10.0, abs=1.0)
