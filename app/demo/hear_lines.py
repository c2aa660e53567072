"""Fill in the `heard` column of `lines.tsv`: what a recognizer makes of each line as it comes over a call."""

import argparse
import csv
from pathlib import Path

import models
from app.demo import AUDIO, LINES, telephone
from app.demo.make_audio import Line, read_lines
from speech.recognizer import Final, Recognizer
from speech.vosk_engine import VoskRecognizer

FRAME = 160
BEFORE, AFTER = 0.5, 1.5
"""Seconds of silence around a line: the caller listens first, and a recognizer needs quiet to notice the end."""
COLUMNS = ("file", "voice", "speed", "quality", "noise", "keywords", "text", "heard")


def hear(recognizer: Recognizer, path: Path, before: float = BEFORE) -> list[Final]:
    """What is heard of a file when it arrives over the line in frames of 20 ms."""
    samples, rate = telephone.read(path)
    silence = [bytes(2 * FRAME)]
    pcm = (samples * (telephone.FULL_SCALE - 1)).astype("<i2").tobytes()
    frames = [pcm[at : at + 2 * FRAME] for at in range(0, len(pcm), 2 * FRAME)]
    stream = recognizer.stream()
    around = rate / FRAME
    heard = [
        item
        for frame in silence * round(before * around) + frames + silence * round(AFTER * around)
        for item in stream.feed(frame)
        if isinstance(item, Final)
    ]
    return heard + stream.finish()


def words(finals: list[Final]) -> str:
    """The text of all utterances of a line, in one string."""
    return " ".join(final.text for final in finals if final.text)


def save(lines: list[Line], heard: list[str], table: Path) -> None:
    """Write the table anew with another `heard` column."""
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        for line, text in zip(lines, heard, strict=True):
            keywords = " ".join(line.keywords)
            speed, noise = f"{line.speed:g}", f"{line.noise:g}"
            writer.writerow([line.file, line.voice, speed, line.quality, noise, keywords, line.text, text])


def main() -> None:
    """Listen to every line of the table and write down what was heard."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=models.speech_model_folder(), help="a Vosk model")
    recognizer = VoskRecognizer(parser.parse_args().model)
    lines = read_lines()
    save(lines, [words(hear(recognizer, AUDIO / line.file)) for line in lines], LINES)


if __name__ == "__main__":
    main()
