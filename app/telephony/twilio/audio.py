"""Serves the audio that documents play: hold music and the like, ours and the owner's."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from flask import Blueprint, Response, send_file
from werkzeug.security import safe_join

_TYPES = {
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".ulaw": "audio/basic",
    ".aiff": "audio/aiff",
    ".gsm": "audio/x-gsm",
}
_KEPT_SECONDS = 3600
_LONGEST_NAME = 200  # file systems have their limits, and complain beyond them


def create_audio(folders: Sequence[Path], named: Callable[[], Mapping[str, Path]] = dict) -> Blueprint:
    """The page of audio files by name: those that `named` gives at the moment, then all in these public folders."""
    blueprint = Blueprint("audio", __name__)
    places = [folder.absolute() for folder in folders]

    def play(name: str) -> Response:
        kind = _TYPES.get(Path(name).suffix.lower())
        found = named().get(name) or find(places, name) if kind else None
        if found is None:
            return Response("no such audio\n", status=404, content_type="text/plain; charset=utf-8")
        return send_file(found, mimetype=kind, conditional=True, etag=True, max_age=_KEPT_SECONDS)

    blueprint.add_url_rule(
        "/audio/<path:name>",
        view_func=play,
        methods=["GET"],
        provide_automatic_options=False,
        strict_slashes=False,
        merge_slashes=False,
    )
    return blueprint


def find(folders: Sequence[Path], name: str) -> Path | None:
    """The file of this name in the first folder that has it; never one outside, nor a hidden one."""
    if len(name) > _LONGEST_NAME or "\0" in name or any(part.startswith(".") for part in name.split("/")):
        return None
    for folder in folders:
        joined = safe_join(str(folder), name)
        if joined is None:
            return None
        path = Path(joined)
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            return path
    return None
