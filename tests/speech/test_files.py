"""Recordings of any common kind are transcribed; anything else is refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from speech.files import NotAudio, read_audio, transcribe_file
from speech.vosk_engine import VoskRecognizer

AUDIO = Path(__file__).parent / "audio"


def test_a_transcript_has_words_times_and_cost(vosk_engine: VoskRecognizer) -> None:
    path = AUDIO / "vanilla_for_a_wedding.wav"
    transcript = transcribe_file(vosk_engine, path)
    assert transcript["file"] == str(path)
    assert transcript["text"] == "i need vanilla for a wedding tomorrow"
    assert [word["word"] for word in transcript["words"]] == transcript["text"].split()
    assert all(0 <= word["start"] < word["end"] <= transcript["seconds"] for word in transcript["words"])
    assert transcript["seconds"] == pytest.approx(2.385)
    assert 0 < transcript["real_time_factor"] < 10
    assert json.loads(json.dumps(transcript)) == transcript


@pytest.mark.parametrize(
    ("suffix", "rate", "channels", "subtype"),
    [
        ("wav", 8000, 1, "PCM_16"),
        ("wav", 16000, 1, "FLOAT"),
        ("wav", 44100, 2, "PCM_24"),
        ("flac", 48000, 2, "PCM_16"),
        ("wav", 8000, 1, "ALAW"),
        ("raw-looking.raw", 8000, 1, "PCM_16"),
    ],
)
def test_any_rate_coding_and_number_of_channels_becomes_telephone_audio(
    tmp_path: Path, suffix: str, rate: int, channels: int, subtype: str
) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    path = tmp_path / f"tone.{suffix}"
    form = "FLAC" if suffix == "flac" else "WAV"
    with path.open("wb") as file:
        soundfile.write(file, np.stack([tone] * channels, axis=1), rate, subtype=subtype, format=form)
    pcm = read_audio(path)
    expected = 0.5 * 32768 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    assert len(pcm) == 8000
    assert np.abs(pcm - expected)[100:-100].max() < 600


def test_mu_law_recordings_keep_their_samples_exactly(tmp_path: Path) -> None:
    samples = np.random.default_rng(1).integers(-9000, 9000, 4000).astype(np.int16)
    path = tmp_path / "call.wav"
    soundfile.write(path, samples, 8000, subtype="ULAW")
    decoded, _ = soundfile.read(path, dtype="int16")
    assert np.array_equal(read_audio(path), decoded)


def test_samples_that_are_no_numbers_are_silence(tmp_path: Path) -> None:
    path = tmp_path / "broken.wav"
    soundfile.write(path, np.array([0.0, np.nan, np.inf, -np.inf], dtype=np.float32), 8000, subtype="FLOAT")
    assert read_audio(path).tolist() == [0, 0, 32767, -32768]


@pytest.mark.parametrize("content", [b"", b"hello, this is text", b"RIFF\x00\x00\x00\x00WAVE", b"\x00" * 4096])
def test_a_file_that_is_no_recording_is_refused_by_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.wav"
    path.write_bytes(content)
    with pytest.raises(NotAudio, match=r"notes\.wav: not a WAV or FLAC recording"):
        read_audio(path)


def test_a_recording_without_a_single_sample_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros(0, dtype=np.int16), 8000)
    with pytest.raises(NotAudio, match="holds no sound"):
        read_audio(path)


def test_a_missing_file_and_a_folder_are_refused_with_the_cause(tmp_path: Path) -> None:
    with pytest.raises(NotAudio, match=r"nobody\.wav: cannot be read: No such file"):
        read_audio(tmp_path / "nobody.wav")
    with pytest.raises(NotAudio, match="cannot be read: Is a directory"):
        read_audio(tmp_path)


def test_a_recording_shorter_than_it_says_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    whole = (AUDIO / "vanilla_for_a_wedding.wav").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert 0 < len(read_audio(path)) < 10_000
