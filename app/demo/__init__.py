"""Where the packaged morning at Unicone lives: its scenario, its callers' voices and its hold music."""

from pathlib import Path

FOLDER = Path(__file__).parent
AUDIO = FOLDER / "audio"
MUSIC = FOLDER / "music"
LINES = AUDIO / "lines.tsv"
SCENARIO = FOLDER / "morning.yaml"
