"""The real engine: what its model knows, and which folders it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from speech import Final, Heard, ModelUnusable, Word, load_recognizer
from speech.files import transcribe_file
from speech.vosk_engine import UNKNOWN, VoskRecognizer, utterance

AUDIO = Path(__file__).parent / "audio"


def listen(engine: VoskRecognizer, payload: bytes, grammar: list[str] | None = None) -> list[Final]:
    stream = engine.stream(grammar)
    heard: list[Heard] = []
    for at in range(0, len(payload), 160):
        heard += stream.feed_mulaw(payload[at : at + 160])
    return [item for item in heard if isinstance(item, Final)] + stream.finish()


def test_the_engine_says_which_model_it_is_and_what_it_is_not_good_for(vosk_engine: VoskRecognizer) -> None:
    assert vosk_engine.name == "vosk-en-telephone-small"
    assert "706 words" in vosk_engine.description
    assert "not for real callers" in vosk_engine.description


def test_words_that_the_model_cannot_output_are_listed_once_each(vosk_engine: VoskRecognizer) -> None:
    asked = ["Catering", "zebra crossing", "what's new?", "a zebra"]
    assert vosk_engine.words_missing(asked) == ("zebra", "crossing")


def test_several_sentences_of_one_recording_are_heard(
    vosk_engine: VoskRecognizer, spoken: Callable[[str], bytes]
) -> None:
    finals = listen(vosk_engine, spoken("two_sentences"))
    assert " ".join(final.text for final in finals) == "i want to order ice cream can i talk to a manager please"


def test_digits_are_heard_through_a_grammar(vosk_engine: VoskRecognizer, spoken: Callable[[str], bytes]) -> None:
    digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "oh"]
    finals = listen(vosk_engine, spoken("zero_one_two_nine"), digits)
    assert " ".join(final.text for final in finals) == "zero one two nine"


def test_speech_with_no_word_of_the_grammar_is_heard_as_somebody_not_understood(
    vosk_engine: VoskRecognizer, spoken: Callable[[str], bytes]
) -> None:
    (final,) = listen(vosk_engine, spoken("vanilla_for_a_wedding"), ["seventeen"])
    assert (final.text, final.words, final.confidence) == ("", (), 0.0)
    assert final.unknown > 0


def test_a_grammar_of_words_it_does_not_know_does_no_harm(
    vosk_engine: VoskRecognizer, spoken: Callable[[str], bytes]
) -> None:
    finals = listen(vosk_engine, spoken("vanilla_for_a_wedding"), ["zebra", "", '"quoted" \'n stuff'])
    assert all(final.text in ("", "stuff") for final in finals)


@pytest.mark.parametrize("loudness", [0, 30, 1000])
def test_silence_and_noise_are_not_words(vosk_engine: VoskRecognizer, loudness: int) -> None:
    noise = np.random.default_rng(3).normal(0, loudness, 5 * 8000).astype(np.int16)
    stream = vosk_engine.stream()
    assert [item for item in stream.feed(noise) if isinstance(item, Final) and item.text] == []
    assert [final for final in stream.finish() if final.text] == []


def test_confidence_is_the_mean_weighted_by_how_long_words_lasted() -> None:
    final = utterance([Word("yes", 0.0, 0.3, 1.0), Word("please", 0.3, 0.4, 0.6)], 1.0)
    assert final.confidence == pytest.approx(0.9)


def test_an_unknown_word_counts_as_not_understood() -> None:
    final = utterance([Word("cancel", 1.0, 1.5, 1.0), Word(UNKNOWN, 1.5, 2.0, 0.99)], 2.5)
    assert (final.text, final.unknown, final.end) == ("cancel", 1, 2.0)
    assert final.confidence == pytest.approx(0.5)


def test_a_model_of_another_sample_rate_is_served_by_resampling(
    model_copy: Path, spoken: Callable[[str], bytes]
) -> None:
    """The same features computed at 16 kHz: only the rate at which the engine is fed differs."""
    conf = model_copy / "conf" / "mfcc.conf"
    text = conf.read_text().replace("--sample-frequency=8000", "--sample-frequency=16000")
    conf.write_text(text.replace("--high-freq=-200", "--high-freq=3800"))
    (final,) = listen(VoskRecognizer(model_copy), spoken("vanilla_for_a_wedding"))
    assert final.text == "i need vanilla for a wedding tomorrow"


def test_a_stream_can_go_on_after_it_was_flushed(model_copy: Path, spoken: Callable[[str], bytes]) -> None:
    conf = model_copy / "conf" / "mfcc.conf"
    conf.write_text(conf.read_text().replace("8000", "16000").replace("-200", "3800"))
    stream = VoskRecognizer(model_copy).stream()
    audio = spoken("vanilla_for_a_wedding")[: int(2.4 * 8000)]
    stream.feed_mulaw(audio)
    (first,) = stream.finish()
    stream.feed_mulaw(audio)
    (second,) = stream.finish()
    assert first.text == second.text == "i need vanilla for a wedding tomorrow"
    assert second.start == pytest.approx(first.start + 2.4, abs=0.1)


@pytest.mark.parametrize(
    ("missing", "complaint"),
    [
        ("am/final.mdl", "am/final.mdl is missing"),
        ("conf/mfcc.conf", "conf/mfcc.conf is missing"),
        ("conf/model.conf", "model.conf: the file is missing"),
        ("graph/words.txt", "graph/words.txt is missing"),
        ("graph/Gr.fst", "neither HCLG.fst nor HCLr.fst with Gr.fst"),
    ],
)
def test_a_folder_that_lacks_a_file_is_refused_by_its_name(model_copy: Path, missing: str, complaint: str) -> None:
    (model_copy / missing).unlink()
    with pytest.raises(ModelUnusable, match=complaint):
        VoskRecognizer(model_copy)


@pytest.mark.parametrize("damaged", ["am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst"])
def test_a_truncated_file_is_refused_before_the_first_call(model_copy: Path, damaged: str) -> None:
    whole = (model_copy / damaged).read_bytes()
    (model_copy / damaged).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelUnusable, match="may be damaged"):
        VoskRecognizer(model_copy)


@pytest.mark.parametrize("name", ["am/final.mdl", "graph/words.txt", "conf/model.conf", "graph/disambig_tid.int"])
def test_an_empty_file_is_refused_and_does_not_end_the_process(model_copy: Path, name: str) -> None:
    (model_copy / name).write_bytes(b"")
    with pytest.raises(ModelUnusable, match="empty"):
        VoskRecognizer(model_copy)


@pytest.mark.parametrize("rate", ["banana", "0", "8000.5", "900000"])
def test_a_sample_rate_that_cannot_be_served_is_refused(model_copy: Path, rate: str) -> None:
    (model_copy / "conf" / "mfcc.conf").write_text(f"--sample-frequency={rate}\n")
    with pytest.raises(ModelUnusable, match="cannot be brought to a rate"):
        VoskRecognizer(model_copy)


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="no such folder"):
        load_recognizer("vosk", tmp_path / "nowhere")


def test_a_model_in_the_old_flat_arrangement_is_recognized_as_one(model_copy: Path, tmp_path: Path) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    (flat / "final.mdl").write_bytes(b"\0B")
    with pytest.raises(ModelUnusable, match=r"mfcc\.conf is missing"):
        VoskRecognizer(flat)


def test_an_engine_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="there are: vosk, scripted"):
        load_recognizer("parrot", tmp_path)


def test_the_engine_is_loaded_by_its_name(model_copy: Path) -> None:
    engine = load_recognizer("vosk", model_copy)
    assert transcribe_file(engine, AUDIO / "zero_one_two_nine.wav")["text"] == "zero one two nine"
    assert load_recognizer("scripted", model_copy).name == "scripted"
