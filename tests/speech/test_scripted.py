"""The scripted recognizer hears what is written in the frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech import Final, Heard, Partial, mulaw
from speech.scripted import ScriptedRecognizer, ScriptedStream, frames

QUIET = b"\xff" * 160
HALF_A_SECOND = [QUIET] * 25

written = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)


def hear(payloads: list[bytes], stream: ScriptedStream | None = None) -> list[Heard]:
    stream = stream or ScriptedRecognizer().stream()
    return [item for payload in payloads for item in stream.feed_mulaw(payload)]


def test_a_short_line_padded_with_silence_needs_no_newline() -> None:
    frame = b"SWB1:hello".ljust(160, b"\xff")
    heard = hear([frame, *HALF_A_SECOND])
    assert isinstance(heard[0], Partial)
    assert heard[0].text == "hello"
    assert isinstance(heard[-1], Final)
    assert heard[-1].text == "hello"


def test_half_a_second_of_silence_ends_an_utterance_and_less_does_not() -> None:
    stream = ScriptedRecognizer().stream()
    assert len(hear([*frames("hello"), *HALF_A_SECOND[:-2]], stream)) == 1
    (final,) = hear([QUIET, QUIET], stream)
    assert isinstance(final, Final)


def test_two_lines_close_together_are_one_utterance() -> None:
    heard = hear([*frames("hello"), QUIET, *frames("again"), *HALF_A_SECOND])
    assert [item.text for item in heard] == ["hello", "hello again", "hello again"]


def test_two_lines_far_apart_are_two_utterances() -> None:
    heard = hear([*frames("hello"), *HALF_A_SECOND, *frames("again"), *HALF_A_SECOND])
    assert [item.text for item in heard if isinstance(item, Final)] == ["hello", "again"]


def test_a_line_may_say_how_sure_it_is() -> None:
    heard = hear([*frames("catering", confidence=0.4), *HALF_A_SECOND])
    assert isinstance(heard[-1], Final)
    assert heard[-1].confidence == pytest.approx(0.4)


@pytest.mark.parametrize(("written", "taken"), [("7", 1.0), ("-1", 0.0), ("rather", 1.0), ("nan", 0.0)])
def test_a_confidence_that_is_none_is_put_right(written: str, taken: float) -> None:
    heard = hear([f"SWB1:yes\t{written}\n".encode(), *HALF_A_SECOND])
    assert isinstance(heard[-1], Final)
    assert heard[-1].confidence == taken


def test_a_marker_split_between_two_frames_is_found() -> None:
    line = b"\xff" * 157 + b"SWB1:hello\n"
    heard = hear([line[:160], line[160:], *HALF_A_SECOND])
    assert [item.text for item in heard] == ["hello", "hello"]


def test_sound_without_a_marker_is_not_heard() -> None:
    assert hear([bytes(range(160))] * 50) == []


def test_a_line_without_end_is_cut_and_not_kept_for_ever() -> None:
    heard = hear([b"SWB1:" + b"a" * 100_000, *HALF_A_SECOND])
    assert [len(item.text) for item in heard] == [4096, 4096]


def test_pcm_carries_lines_too() -> None:
    stream = ScriptedRecognizer().stream()
    heard = [item for frame in frames("hello") for item in stream.feed(mulaw.decode(frame))]
    assert [item.text for item in heard] == ["hello"]


@given(st.lists(written, min_size=1, max_size=40), st.integers(1, 500))
def test_any_words_come_back_whatever_the_frames_sizes(words: list[str], size: int) -> None:
    heard = hear([*frames(" ".join(words), size=size), *HALF_A_SECOND, QUIET])
    (final,) = (item for item in heard if isinstance(item, Final))
    assert final.text.split() == words


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_no_bytes_make_it_fail(payloads: list[bytes]) -> None:
    stream = ScriptedRecognizer().stream()
    hear(payloads, stream)
    assert len(stream.finish()) <= 1
