"""Hold music: small telephone files that go round without a click."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.demo import MUSIC, telephone
from app.demo.compose_music import HIGH, LEVEL, PIECES, compose
from app.owner.load import UNICONE, load

LARGEST = 250_000
LOOPS = [piece.name for piece in PIECES]


@pytest.fixture(scope="session")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("music")
    compose(folder)
    return folder


@pytest.mark.parametrize("path", sorted(MUSIC.glob("*.wav")), ids=lambda path: path.stem)
def test_music_is_a_small_mono_mu_law_file_at_telephone_rate(path: Path) -> None:
    facts = soundfile.info(path)
    assert (facts.samplerate, facts.channels, facts.subtype) == (8000, 1, "ULAW")
    assert path.stat().st_size <= LARGEST


@pytest.mark.parametrize("name", LOOPS)
def test_a_piece_lasts_as_long_as_people_can_bear_to_hear_it_again(name: str) -> None:
    assert 20 <= soundfile.info(MUSIC / f"{name}.wav").duration <= 30


@pytest.mark.parametrize("name", LOOPS)
def test_a_piece_is_as_quiet_as_hold_music_and_never_clips(name: str) -> None:
    samples, rate = telephone.read(MUSIC / f"{name}.wav")
    assert telephone.level(samples) == pytest.approx(LEVEL, abs=1.0)
    assert abs(samples).max() < 0.8
    seconds = [telephone.level(samples[at : at + rate]) for at in range(0, len(samples) - rate, rate)]
    assert min(seconds) > LEVEL - 8


@pytest.mark.parametrize("name", LOOPS)
def test_the_end_runs_into_the_beginning_without_a_click(name: str) -> None:
    samples, _ = telephone.read(MUSIC / f"{name}.wav")
    seam = np.concatenate([samples[-2000:], samples[:2000]])
    # A click has energy above the band that the music was given; elsewhere there is only mu-law's own noise.
    assert abs(samples[0] - samples[-1]) <= np.abs(np.diff(samples)).max()
    assert _above_the_band(seam) < 2 * _above_the_band(samples[4000:8000])


def _above_the_band(samples: telephone.Samples) -> float:
    power = np.square(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))))
    frequencies = np.fft.rfftfreq(len(samples), 1 / telephone.RATE)
    return float(power[frequencies > HIGH + 200].sum())


def test_the_script_composes_the_same_music_again(composed: Path) -> None:
    assert sorted(path.name for path in composed.iterdir()) == sorted(path.name for path in MUSIC.glob("*.wav"))
    for path in composed.iterdir():
        again, _ = telephone.read(path)
        kept, _ = telephone.read(MUSIC / path.name)
        # Another machine may round a sample to the next of mu-law's steps.
        assert np.allclose(again, kept, atol=0.04)
        assert np.mean(again != kept) < 0.001


def test_every_queue_of_the_example_has_music_that_ships() -> None:
    shipped = {path.stem for path in MUSIC.glob("*.wav")}
    assert {Path(queue.music).stem for queue in load(UNICONE).queues.values()} <= shipped
