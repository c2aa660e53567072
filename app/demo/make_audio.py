"""Make the callers' voices: each line of `lines.tsv` spoken by flite or espeak-ng over a noisy line.

Wants Debian's packages `flite` and `espeak-ng`. The files it makes are kept in the
package, so nobody needs to run it.
"""

import argparse
import csv
import shutil
import subprocess
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.demo import AUDIO, LINES, telephone
from app.demo.telephone import RATE, Samples

SPEECH_LEVEL = -20.0
ESPEAK_WORDS_A_MINUTE = 165
LEAD_SECONDS, TAIL_SECONDS = 0.15, 0.25


@dataclass(frozen=True)
class Line:
    """What one caller says in one breath, and how it reaches us.

    `speed` is relative to the voice's own; `noise` is how many dB below the speech the line's hiss is; `quality` is
    `clear`, `mumbled` (words nobody can make out) or `absent` (the line's hiss alone). `keywords` are what
    recognition must not miss, and `heard` is what the model in the box made of the file.
    """

    file: str
    voice: str
    speed: float
    quality: str
    noise: float
    keywords: tuple[str, ...]
    text: str
    heard: str


def read_lines(table: Path = LINES) -> list[Line]:
    """The table of lines, in its order."""
    with table.open(encoding="utf-8", newline="") as file:
        return [
            Line(
                file=row["file"],
                voice=row["voice"],
                speed=float(row["speed"]),
                quality=row["quality"],
                noise=float(row["noise"]),
                keywords=tuple(row["keywords"].split()),
                text=row["text"],
                heard=row["heard"],
            )
            for row in csv.DictReader(file, delimiter="\t")
        ]


def missing_tools() -> list[str]:
    """The speech synthesizers that are not installed."""
    return [tool for tool in ("flite", "espeak-ng") if shutil.which(tool) is None]


def synthesize(line: Line, path: Path) -> None:
    """Have the voice speak the text into a WAV file; voices are `flite:NAME` or `espeak:NAME`."""
    engine, _, voice = line.voice.partition(":")
    if engine == "flite":
        stretch = f"duration_stretch={1 / line.speed:.4f}"
        command = ["flite", "-voice", voice, "--setf", stretch, "-t", line.text, "-o", str(path)]
    else:
        words_a_minute = str(round(ESPEAK_WORDS_A_MINUTE * line.speed))
        command = ["espeak-ng", "-v", voice, "-s", words_a_minute, "-w", str(path), line.text]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def mumbled(speech: Samples, random: np.random.Generator) -> Samples:
    """Speech as through a wall: its rhythm on a hum and a hiss, no vowel or consonant left."""
    window = np.hanning(RATE // 25)
    rhythm = np.sqrt(np.convolve(np.square(speech), window / window.sum(), mode="same"))
    time = np.arange(len(speech)) / RATE
    hum = np.sign(np.sin(2 * np.pi * (118 + 12 * np.sin(2 * np.pi * 0.7 * time)) * time))
    carrier = telephone.band_limit(2 * hum + random.normal(size=len(speech)))
    return np.asarray(rhythm * carrier, dtype=np.float64)


def over_telephone(line: Line, speech: Samples, rate: int) -> Samples:
    """Narrow the band, set the level, and lay seeded line noise under the speech and a moment around it."""
    random = np.random.Generator(np.random.PCG64(zlib.crc32(line.file.encode())))
    narrow = telephone.resample(speech, rate)
    if line.quality == "mumbled":
        narrow = mumbled(narrow, random)
    spoken = telephone.at_level(telephone.band_limit(narrow), SPEECH_LEVEL)
    if line.quality == "absent":
        spoken = np.zeros_like(spoken)
    spoken = np.concatenate([np.zeros(round(LEAD_SECONDS * RATE)), spoken, np.zeros(round(TAIL_SECONDS * RATE))])
    hiss = telephone.band_limit(random.normal(size=len(spoken)))
    return spoken + telephone.at_level(hiss, SPEECH_LEVEL - line.noise)


def trimmed(speech: Samples, rate: int) -> Samples:
    """Cut the silence that synthesizers leave at both ends."""
    frame = rate // 100
    frames = np.abs(speech[: len(speech) // frame * frame]).reshape(-1, frame).max(axis=1)
    loud = np.flatnonzero(frames > 0.02 * frames.max())
    return speech[loud[0] * frame : (loud[-1] + 1) * frame]


def make(line: Line, folder: Path) -> Path:
    """Write one line's file into a folder."""
    path = folder / line.file
    with tempfile.TemporaryDirectory() as scratch:
        spoken = Path(scratch) / "spoken.wav"
        synthesize(line, spoken)
        speech, rate = telephone.read(spoken)
    telephone.write(path, over_telephone(line, trimmed(speech, rate), rate))
    return path


def main() -> None:
    """Make every line, or those named, into the package or the folder given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=AUDIO)
    parser.add_argument("files", nargs="*", help="names in lines.tsv; all when none is given")
    arguments = parser.parse_args()
    if missing := missing_tools():
        parser.exit(2, f"not installed: {', '.join(missing)} (Debian: apt-get install {' '.join(missing)})\n")
    arguments.out.mkdir(parents=True, exist_ok=True)
    for line in read_lines():
        if not arguments.files or line.file in arguments.files:
            make(line, arguments.out)


if __name__ == "__main__":
    main()
