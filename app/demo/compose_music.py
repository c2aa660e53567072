"""Compose the hold music: three short pieces that loop without a seam, and a ring-back tone."""

import argparse
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.demo import MUSIC, telephone
from app.demo.telephone import RATE, Samples

LEVEL = -20.0
LOW, HIGH = 150.0, 3400.0
# How far down the list of nearest chord notes the tune goes next: mostly a small step.
STEPS = (0, 1, 1, 1, 2)

Instrument = Callable[[float, float], Samples]


@dataclass(frozen=True)
class Piece:
    """A loop of bars; `chords` are MIDI notes, low to high, one chord a bar."""

    name: str
    seed: int
    beats_a_minute: int
    beats_a_bar: int
    chords: Sequence[Sequence[int]]
    arpeggio: Sequence[tuple[float, int]]
    melody_beats: Sequence[float]

    @property
    def beat(self) -> float:
        """Seconds from one beat to the next."""
        return 60 / self.beats_a_minute

    @property
    def seconds(self) -> float:
        """How long one turn of the loop is."""
        return len(self.chords) * self.beats_a_bar * self.beat


SUNDAE = Piece(
    name="sundae",
    seed=1,
    beats_a_minute=80,
    beats_a_bar=4,
    chords=(
        (53, 60, 64, 69), (50, 57, 60, 65), (55, 58, 62, 65), (48, 58, 64, 67),
        (53, 60, 64, 69), (57, 60, 64, 67), (58, 62, 65, 69), (48, 58, 62, 67),
    ),
    arpeggio=((0, 0), (0.5, 1), (1, 2), (1.5, 3), (2, 2), (2.5, 3), (3, 1), (3.5, 2)),
    melody_beats=(0, 1.5, 2, 3),
)  # fmt: skip

WAFFLE = Piece(
    name="waffle",
    seed=7,
    beats_a_minute=104,
    beats_a_bar=3,
    chords=(
        (48, 64, 67, 72), (55, 62, 67, 71), (57, 60, 64, 69), (52, 59, 64, 67),
        (53, 60, 65, 69), (48, 60, 64, 67), (50, 57, 62, 65), (55, 59, 62, 65),
        (48, 64, 67, 72), (55, 62, 67, 71), (57, 60, 64, 69), (52, 59, 64, 67),
        (53, 60, 65, 69), (55, 59, 62, 65), (48, 60, 64, 67), (55, 60, 62, 67),
    ),
    arpeggio=((0, 0), (1, 1), (1, 2), (2, 2), (2, 3)),
    melody_beats=(0, 1, 2, 2.5),
)  # fmt: skip

SPRINKLES = Piece(
    name="sprinkles",
    seed=12,
    beats_a_minute=96,
    beats_a_bar=4,
    chords=(
        (55, 62, 66, 71), (52, 59, 62, 67), (57, 60, 64, 67), (50, 60, 66, 69),
        (55, 62, 66, 71), (59, 62, 66, 69), (60, 64, 67, 71), (50, 60, 64, 69),
        (52, 59, 62, 67), (57, 60, 64, 67),
    ),
    arpeggio=((0, 0), (0.75, 2), (1.5, 3), (2, 1), (2.75, 2), (3.5, 3)),
    melody_beats=(0, 0.75, 2, 3.5),
)  # fmt: skip

PIECES = (SUNDAE, WAFFLE, SPRINKLES)


def frequency(note: int) -> float:
    """Hertz of a MIDI note."""
    return 440.0 * float(2 ** ((note - 69) / 12))


def pad(hertz: float, seconds: float) -> Samples:
    """A slow, warm chord tone: two voices a little apart that swell and fade."""
    time = np.arange(round((seconds + 0.6) * RATE)) / RATE
    voices = [
        np.sin(2 * np.pi * hertz * detune * harmonic * time) / harmonic**1.6
        for detune, harmonic in itertools.product((0.9985, 1.0015), (1, 2, 3, 4))
    ]
    swell = np.clip(time / 0.5, 0, 1) * np.clip((time[-1] - time) / 0.6, 0, 1)
    envelope = np.square(np.sin(np.pi / 2 * swell))
    return np.asarray(np.sum(voices, axis=0) * envelope, dtype=np.float64)


def pluck(hertz: float, seconds: float) -> Samples:
    """A string or a bar struck softly: high harmonics die first."""
    time = np.arange(round(min(2.5, seconds + 1.2) * RATE)) / RATE
    strike = np.clip(time / 0.006, 0, 1) * np.clip((time[-1] - time) / 0.1, 0, 1)
    partials = [
        np.sin(2 * np.pi * hertz * n * time) * np.exp(-time * (1.8 + 1.4 * n)) / n**1.3
        for n in range(1, 6)
        if hertz * n < HIGH
    ]
    return np.asarray(np.sum(partials, axis=0) * strike, dtype=np.float64)


def bell(hertz: float, seconds: float) -> Samples:
    """A music-box tone for the tune, with a breath of vibrato once it has rung a while."""
    time = np.arange(round((seconds + 0.8) * RATE)) / RATE
    vibrato = 0.004 * np.clip(time - 0.2, 0, 0.5) * np.sin(2 * np.pi * 5 * time)
    phase = 2 * np.pi * hertz * (time + vibrato / 5)
    tone = np.sin(phase) + 0.35 * np.sin(2 * phase) * np.exp(-4 * time) + 0.1 * np.sin(4 * phase) * np.exp(-9 * time)
    envelope = np.clip(time / 0.012, 0, 1) * np.exp(-1.9 * time) * np.clip((time[-1] - time) / 0.15, 0, 1)
    return np.asarray(tone * envelope, dtype=np.float64)


class Loop:
    """A turn of music on a circle: what rings past the end is heard at the beginning, so there is no seam."""

    def __init__(self, seconds: float) -> None:
        self.samples: Samples = np.zeros(round(seconds * RATE))

    def add(self, sound: Samples, at: float, gain: float) -> None:
        """Mix a sound in, `at` seconds into the turn."""
        places = (np.arange(len(sound)) + round(at * RATE)) % len(self.samples)
        np.add.at(self.samples, places, gain * sound)


def tune(piece: Piece) -> Iterator[tuple[float, float, int]]:
    """A seeded melody over the chords, as (beat, length, note): small steps, and its first half returns."""
    random = np.random.Generator(np.random.PCG64(piece.seed))
    places = list(piece.melody_beats)
    half = len(piece.chords) // 2
    leaps = [[STEPS[int(random.integers(0, len(STEPS)))] for _ in places] for _ in range(half)]
    sung = [[bool(random.random() < 0.75) for _ in places] for _ in range(half)]
    last = piece.chords[0][-1] + 12
    for bar, chord in enumerate(piece.chords):
        choices = sorted(note + 12 * octave for note in chord[1:] for octave in (1, 2) if note + 12 * octave < 86)
        for index, place in enumerate(places):
            if index and not sung[bar % half][index]:
                continue
            nearest = sorted(choices, key=lambda note: (abs(note - last), note))
            last = nearest[min(leaps[bar % half][index], len(nearest) - 1)]
            until = places[index + 1] if index + 1 < len(places) else piece.beats_a_bar
            yield bar * piece.beats_a_bar + place, until - place, last


def play(piece: Piece) -> Samples:
    """One turn of a piece, at the level of hold music."""
    loop = Loop(piece.seconds)
    bar_seconds = piece.beats_a_bar * piece.beat
    for bar, chord in enumerate(piece.chords):
        start = bar * bar_seconds
        for note in chord:
            loop.add(pad(frequency(note), bar_seconds), start - 0.2, 0.16)
        for beat, voice in piece.arpeggio:
            loop.add(pluck(frequency(chord[voice] + 12), piece.beat), start + beat * piece.beat, 0.30)
    for beat, beats, note in tune(piece):
        loop.add(bell(frequency(note), beats * piece.beat), beat * piece.beat, 0.34)
    # The filter works on the circle too: a Fourier transform takes its input to repeat for ever.
    return telephone.at_level(telephone.band_limit(loop.samples, LOW, HIGH), LEVEL)


def ring_back() -> Samples:
    """The North American ring-back tone: two seconds of 440 and 480 Hz, four of silence."""
    time = np.arange(6 * RATE) / RATE
    edges = np.clip(np.minimum(time, 2.0 - time) / 0.01, 0, 1)
    tone = (np.sin(2 * np.pi * 440 * time) + np.sin(2 * np.pi * 480 * time)) * edges
    return telephone.at_level(tone, LEVEL - 5)


def compose(folder: Path) -> list[Path]:
    """Write every piece and the ring-back tone into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    sounds = {piece.name: play(piece) for piece in PIECES} | {"ringback": ring_back()}
    paths = []
    for name, samples in sounds.items():
        path = folder / f"{name}.wav"
        telephone.write(path, samples)
        paths.append(path)
    return paths


def main() -> None:
    """Compose into the package, or into the folder given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=MUSIC)
    compose(parser.parse_args().out)


if __name__ == "__main__":
    main()
