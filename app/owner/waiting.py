"""Checks hours, escalation steps and hold music."""

from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

from app.owner.look import Look
from app.owner.notation import DAYS, days
from app.owner.problems import Problem, did_you_mean
from app.owner.references import Path as Where
from app.owner.schema import OwnerFile

_WAV_HEADER = 12


def check(file: OwnerFile, look: Look) -> Iterator[Problem]:
    """Days named wrongly or twice, steps out of order, music that cannot be played."""
    if file.hours is not None:
        yield from _hours(look, ("hours",))
    for name, agent in file.agents.items():
        if agent.shifts is not None:
            yield from _hours(look, ("agents", name, "shifts"))
    yield from _escalation(file, look)
    for name, queue in file.queues.items():
        if queue.music:
            yield from _music(look, ("queues", name, "music"), queue.music)


def _hours(look: Look, path: Where) -> Iterator[Problem]:
    written = [key for key in look.wrote(path) if key != "holidays"]
    claimed: dict[int, str] = {}
    for key in written:
        named = days(key)
        if named is None:
            hint = "write mon to sun, mon-fri, or sat, sun; dates go under holidays"
            yield look.at_key((*path, key), f'"{key}" is not a day', hint)
        for day in named or ():
            other = claimed.setdefault(day, key)
            if other != key:
                hint = 'write all hours of a day on one line, such as "9:00-12:00, 14:00-18:00"'
                yield look.at_key((*path, key), f'"{DAYS[day]}" is already part of "{other}"', hint)
                break
    if not written:
        yield look.at_key(path, "no day is open", "add a line like `mon-fri: 9:00-17:00`, or leave all out")


def _escalation(file: OwnerFile, look: Look) -> Iterator[Problem]:
    for name, queue in file.queues.items():
        latest = 0
        for index, step in enumerate(queue.escalation):
            path = ("queues", name, "escalation", index)
            if not (step.when_waiting or step.when_at_risk):
                yield from _in_time(look, path, step.after, latest)
                latest = max(latest, step.after or 0)
            if step.when_at_risk and queue.service_level is None:
                hint = "add `service level: {seconds: 20 s, percent: 80}` to the queue"
                yield look.at_value((*path, "when at risk"), "the queue does not say what is in time", hint)
            if not look.wrote(path) & {"to", "raise by", "serves", "say"}:
                yield look.at_value(path, "this step does nothing", "add `to`, `raise by`, `serves` or `say`")


def _in_time(look: Look, path: Where, after: int | None, latest: int) -> Iterator[Problem]:
    if after is None:
        hint = "add it: how long the caller has waited, like `2 min`; or `when waiting`, or `when at risk`"
        yield look.at_value(path, '"after" is missing', hint)
    elif after <= latest:
        hint = f"waiting is counted from the start; write more than {latest} s, or change the order"
        yield look.at_value((*path, "after"), "this step is not later than the one before", hint)


# --- music ---


def music(written: str, folder: Path) -> str:
    """What to play: an address, the full path of a file, or one of the tunes that come with Switchboard."""
    if written.startswith(("http://", "https://")):
        return written
    return str(_tunes().get(written) or (folder / written).resolve())


def _tunes() -> dict[str, Path]:
    """Name → file of the tunes in the package."""
    with as_file(files("app") / "demo" / "music") as folder:
        return {tune.stem: tune for tune in sorted(folder.glob("*.wav"))}


def _music(look: Look, path: Where, written: str) -> Iterator[Problem]:
    if written.startswith(("http://", "https://")):
        return
    try:
        with Path(music(written, look.folder)).open("rb") as file:
            header = file.read(_WAV_HEADER)
    except (OSError, ValueError):
        ours = f"a WAV file beside this one, an https address, or one of ours: {', '.join(_tunes())}"
        near = did_you_mean(written, _tunes(), "")
        hint = near if near.startswith("did") else ours
        yield look.at_value(path, f'there is no music "{written[:60]}"', hint)
        return
    if header[:4] != b"RIFF" or header[8:] != b"WAVE":
        hint = "convert it, for example with `ffmpeg -i SONG -ar 8000 -ac 1 song.wav`"
        yield look.at_value(path, f'"{written[:60]}" is not a WAV file', hint)
