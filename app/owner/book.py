"""The owner's file of a running server: read again when it changes, kept as it was while it is broken."""

import json
import logging
import threading
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from app.core.config import Config
from app.owner.load import load_sources
from app.owner.problems import OwnerFileError
from app.owner.reader import Source, read_source
from app.ports.clock import Clock

CHECK_EVERY_MS = 1000
_REMEMBERED = 32

_log = logging.getLogger(__name__)
_Stamp = tuple[tuple[int, ...], ...]


class Texts(Protocol):
    """Where texts of earlier versions are kept, for other processes and for after a restart."""

    def put(self, version: str, text: str) -> None:
        """Keeps a text under a name, in place of what was there."""

    def get(self, version: str) -> str | None:
        """The text under a name, or None if there is none any more."""


class ConfigBook:
    """The present Config, and those that calls in progress started with.

    Raises OwnerFileError at the start if the file is broken and no earlier version of it is known.
    """

    def __init__(self, path: Path, texts: Texts, clock: Clock, overlay: Path | None = None) -> None:
        self.problem: str | None = None
        self._paths = (path,) if overlay is None else (path, overlay)
        self._texts = texts
        self._clock = clock
        self._turn = threading.Lock()
        self._known: dict[str, Config] = {}
        self._stamp = self._stamps()
        self._checked = clock.now()
        self._current = self._first()

    def current(self) -> Config:
        """The newest good version; looks at the file at most once a second."""
        due = abs(self._clock.now() - self._checked) >= CHECK_EVERY_MS
        if due and self._turn.acquire(blocking=False):
            try:
                self._look_again()
            finally:
                self._turn.release()
        return self._current

    def get(self, version: str) -> Config:
        """The version a call started with; the present one if that version cannot be found any more."""
        if version == self._current.version:
            return self._current
        found = self._known.get(version) or self._recalled(version)
        if found is None:
            _log.warning("version %s of the owner's file is not known; using %s", version, self._current.version)
            return self.current()
        return found

    def _look_again(self) -> None:
        self._checked = self._clock.now()
        stamp = self._stamps()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            fresh = self._read()
        except OwnerFileError as error:
            self._complain(error)
            return
        self.problem = None
        if fresh.version != self._current.version:
            _log.info("the owner's file changed: version %s", fresh.version)
        self._current = fresh

    def _first(self) -> Config:
        try:
            return self._read()
        except OwnerFileError as error:
            last = self._texts.get(self._last_good())
            kept = self._recalled(last) if last else None
            if kept is None:
                raise
            self._current = kept
            self._complain(error)
            return kept

    def _read(self) -> Config:
        sources = [read_source(path) for path in self._paths]
        source, overlay = sources[0], sources[1] if len(sources) > 1 else None
        config = load_sources(source, overlay)
        self._texts.put(config.version, _packed(source, overlay))
        self._texts.put(self._last_good(), config.version)
        return self._remember(config)

    def _recalled(self, wanted: str) -> Config | None:
        text = self._texts.get(wanted)
        if text is None:
            return None
        source, overlay = _unpacked(text)
        try:
            return self._remember(load_sources(source, overlay, look_at_files=False))
        except OwnerFileError:
            _log.warning("version %s of the owner's file cannot be read by this release", wanted)
            return None

    def _remember(self, config: Config) -> Config:
        known = {**self._known, config.version: config}
        self._known = dict(list(known.items())[-_REMEMBERED:])
        return config

    def _complain(self, error: OwnerFileError) -> None:
        self.problem = str(error)
        first = error.problems[0]
        where = f"{first.file}:{first.line}:{first.column}"
        _log.error(
            "the owner's file is wrong in %d places, first at %s; keeping version %s; `switchboard check` says more",
            len(error.problems),
            where,
            self._current.version,
        )

    def _last_good(self) -> str:
        """Under which name the last good version of these very files is kept."""
        return "last-good-" + sha256("\0".join(str(path) for path in self._paths).encode()).hexdigest()[:12]

    def _stamps(self) -> _Stamp:
        return tuple(_stamp(path) for path in self._paths)


def _stamp(path: Path) -> tuple[int, ...]:
    """Changes when the file does; a missing file has a stamp too."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return ()
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


def _packed(source: Source, overlay: Source | None) -> str:
    parts = [source] if overlay is None else [source, overlay]
    return json.dumps([{"name": part.name, "text": part.text, "folder": str(part.folder)} for part in parts])


def _unpacked(text: str) -> tuple[Source, Source | None]:
    parts = [Source(part["name"], part["text"], Path(part["folder"])) for part in json.loads(text)]
    return parts[0], parts[1] if len(parts) > 1 else None
