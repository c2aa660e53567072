"""The speech models of one installation: a folder with a folder for each, where models are fetched to."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from speech.download import FetchFailed, NoRoom, Patience, Source, Watcher, download
from speech.published import Published, is_model_name
from speech.recognizer import ModelUnusable
from speech.unpack import unpack
from speech.vosk_folder import describe, inspect, is_model

# Left free on the disk, for the live state and the history of a server that runs beside the download.
_RESERVE = 200 << 20
# A list with another checksum means another file: what came of the first one is no beginning of it.
_MD5_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that is there; with a `problem`, it cannot be used."""

    name: str
    folder: Path
    about: str
    problem: str = ""


def free_bytes(folder: Path) -> int:
    """How much the disk that a folder is on still takes."""
    return shutil.disk_usage(folder).free


class ModelStore:
    """Finds, lists and fetches the models under one folder, which need not exist yet."""

    def __init__(self, folder: Path, free: Callable[[Path], int] = free_bytes) -> None:
        self.folder = folder
        self._partial = folder / ".partial"
        self._free = free

    def find(self, name: str) -> Path | None:
        """The folder of an installed model."""
        found = self.folder / name
        return found if is_model_name(name) and found.is_dir() else None

    def installed(self) -> list[Installed]:
        """Every model that is there, by name."""
        folders = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        return [_installed(folder) for folder in folders if self.find(folder.name)]

    def fetch(self, model: Published, watcher: Watcher, patience: Patience | None = None, sha256: str = "") -> Path:
        """Download, check, unpack and install a model, all or nothing; the folder where it is now.

        Raises FetchFailed; what was downloaded by then is gone on from by the next attempt.
        """
        self._make_room_for(model)
        with self._alone():
            if found := self.find(model.name):
                return found
            archive = self._partial / f"{model.name}-{model.md5[:_MD5_SHOWN]}.zip"
            self._demand_free(model.size - (archive.stat().st_size if archive.exists() else 0))
            source = Source(model.url, model.size, model.md5, sha256 or None)
            download(source, archive, watcher, patience or Patience())
            watcher.said("Unpacking.")
            try:
                found = self._install(archive, model.name)
            except NoRoom:
                raise
            except FetchFailed:
                archive.unlink()
                raise
            for leftover in self._partial.glob(f"{model.name}-{'[0-9a-f]' * _MD5_SHOWN}.zip"):
                leftover.unlink()
            return found

    def _make_room_for(self, model: Published) -> None:
        if not is_model_name(model.name):
            raise FetchFailed(f"{model.name!r} cannot be a model's name.")
        try:
            self._partial.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FetchFailed(f"{self._partial}: cannot be made: {error.strerror}.") from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._partial / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FetchFailed(f"{self.folder}: another fetch is at work here; wait until it has ended.") from None
            yield

    def _demand_free(self, needed: int) -> None:
        free = self._free(self.folder) - _RESERVE
        if needed > free:
            raise NoRoom(
                f"{self.folder}: {needed:,} bytes are needed, and the disk has room for {max(free, 0):,} "
                f"(besides {_RESERVE:,} that are left free for a running server)."
            )

    def _install(self, archive: Path, name: str) -> Path:
        unpacked = self._partial / name
        shutil.rmtree(unpacked, ignore_errors=True)
        target = self.folder / name
        try:
            unpack(archive, unpacked, room=self._free(self.folder) - _RESERVE)
            root = next((folder for folder in (unpacked, *sorted(unpacked.iterdir())) if is_model(folder)), None)
            if root is None:
                raise FetchFailed(f"{archive.name}: there is no Vosk model in it.")
            inspect(root)
            root.rename(target)
        except ModelUnusable as error:
            raise FetchFailed(f"what was fetched cannot be used: {error}") from error
        except OSError as error:
            raise NoRoom(f"{target}: cannot be put there: {error.strerror}.") from error
        finally:
            shutil.rmtree(unpacked, ignore_errors=True)
        return target


def _installed(folder: Path) -> Installed:
    try:
        facts = inspect(folder)
    except ModelUnusable as error:
        return Installed(folder.name, folder, "", str(error))
    return Installed(folder.name, folder, describe(folder, facts))
