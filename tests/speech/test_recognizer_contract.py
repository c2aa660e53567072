"""What every recognizer promises, whichever engine is behind it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from speech import Final, Heard, Partial, Recognizer, Stream, mulaw
from speech.scripted import ScriptedRecognizer, frames
from speech.vosk_engine import VoskRecognizer

SENTENCE = "i need vanilla for a wedding tomorrow"

Case = tuple[Recognizer, bytes]


@pytest.fixture(params=["vosk", "scripted"])
def case(request: pytest.FixtureRequest, vosk_engine: VoskRecognizer, spoken: Callable[[str], bytes]) -> Case:
    """A recognizer and audio in which it hears SENTENCE."""
    if request.param == "vosk":
        return vosk_engine, spoken("vanilla_for_a_wedding")
    return ScriptedRecognizer(), b"".join(frames(SENTENCE)) + b"\xff" * 8000


def play(stream: Stream, payload: bytes, size: int = 160) -> list[Heard]:
    return [heard for at in range(0, len(payload), size) for heard in stream.feed_mulaw(payload[at : at + size])]


def finals(heard: list[Heard]) -> list[Final]:
    return [item for item in heard if isinstance(item, Final)]


def test_a_sentence_is_heard_word_for_word(case: Case) -> None:
    engine, audio = case
    (final,) = finals(play(engine.stream(), audio))
    assert final.text == SENTENCE
    assert [word.word for word in final.words] == SENTENCE.split()
    assert final.confidence > 0.9
    assert final.unknown == 0


def test_words_come_in_order_inside_their_utterance(case: Case) -> None:
    engine, audio = case
    (final,) = finals(play(engine.stream(), audio))
    edges = [edge for word in final.words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert 0 <= final.start <= edges[0]
    assert edges[-1] <= final.end <= final.endpoint_at <= len(audio) / 8000


def test_the_end_is_noticed_within_a_second_of_the_last_word(case: Case) -> None:
    engine, audio = case
    (final,) = finals(play(engine.stream(), audio))
    assert 0.4 <= final.endpoint_at - final.end <= 1.0


def test_partials_come_before_the_final(case: Case) -> None:
    engine, audio = case
    heard = play(engine.stream(), audio)
    kinds = [type(item) for item in heard]
    assert Partial in kinds
    assert kinds.index(Partial) < kinds.index(Final)


def test_a_stream_that_stops_in_the_middle_loses_nothing(case: Case) -> None:
    engine, audio = case
    stream = engine.stream()
    heard = play(stream, audio[: int(2.3 * 8000)] if engine.name != "scripted" else audio[:160])
    assert not finals(heard)
    (final,) = stream.finish()
    assert final.text == SENTENCE
    assert stream.finish() == []


def test_two_utterances_on_one_stream_keep_one_clock(case: Case) -> None:
    engine, audio = case
    first, second = finals(play(engine.stream(), audio * 2))
    assert first.text == second.text == SENTENCE
    assert second.start > first.endpoint_at


def test_streams_of_one_engine_do_not_hear_each_other(case: Case) -> None:
    engine, audio = case
    talking, silent = engine.stream(), engine.stream()
    for at in range(0, len(audio), 160):
        talking.feed_mulaw(audio[at : at + 160])
        assert silent.feed_mulaw(b"\xff" * 160) == []
    assert silent.finish() == []


def test_the_same_audio_is_heard_the_same_twice(case: Case) -> None:
    engine, audio = case
    assert play(engine.stream(), audio) == play(engine.stream(), audio)


@pytest.mark.parametrize("size", [1, 33, 161, 4000, 100_000])
def test_pieces_of_any_size_are_heard(case: Case, size: int) -> None:
    engine, audio = case
    (final,) = finals(play(engine.stream(), audio, size))
    assert final.text == SENTENCE


def test_pcm_may_be_split_in_the_middle_of_a_sample(case: Case) -> None:
    engine, audio = case
    raw = mulaw.decode(audio).astype("<i2").tobytes()
    stream = engine.stream()
    heard = [item for at in range(0, len(raw), 321) for item in stream.feed(raw[at : at + 321])]
    assert [final.text for final in finals(heard)] == [SENTENCE]


def test_nothing_at_all_is_no_utterance(case: Case) -> None:
    engine, _ = case
    stream = engine.stream()
    assert stream.feed_mulaw(b"") == []
    assert stream.finish() == []


def test_speech_outside_the_grammar_is_unknown_and_lowers_confidence(case: Case) -> None:
    engine, audio = case
    assert engine.capabilities.grammars
    (final,) = finals(play(engine.stream(["vanilla", "wedding"]), audio))
    assert final.text == "vanilla wedding"
    assert final.unknown > 0
    assert final.confidence < 0.7
