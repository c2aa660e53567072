"""Unpacks a zip file of a stranger: plain files and folders, inside the folder named, and no more than fits."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from speech.download import FetchFailed, NoRoom

_MOST_FILES = 10_000
_MOST_BYTES = 16 << 30
# Published models unpack to between one and three times their size.
_LARGEST_RATIO = 20
_SMALL_ENOUGH = 64 << 20
_ENCRYPTED = 0x1


def unpack(archive: Path, folder: Path, room: int) -> None:
    """Everything in the archive, into a new folder; `room` is how many bytes it may take there.

    Raises FetchFailed, NoRoom where the disk is the reason. A list of contents that is not harmless is refused
    before anything is written; where the contents are not as listed, what was written until then stays.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            _demand_harmless(packed.infolist(), archive, room)
            folder.mkdir(parents=True)
            for entry in packed.infolist():
                _put(packed, entry, folder.joinpath(*_parts(entry)))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise FetchFailed(f"{archive.name}: the zip file is damaged: {error}.") from error
    except OSError as error:
        raise NoRoom(f"{folder}: cannot be written: {error.strerror}.") from error


def _demand_harmless(entries: list[zipfile.ZipInfo], archive: Path, room: int) -> None:
    names = set()
    for entry in entries:
        problem = _problem(entry)
        if problem:
            raise FetchFailed(f"{archive.name}: refused: {entry.filename!r} in it {problem}.")
        names.add(_parts(entry))
    if not entries or len(names) != len(entries) or len(entries) > _MOST_FILES:
        raise FetchFailed(f"{archive.name}: refused: it lists no files, the same one twice, or over {_MOST_FILES:,}.")
    total = sum(entry.file_size for entry in entries)
    packed_size = archive.stat().st_size
    if total > min(_MOST_BYTES, max(_SMALL_ENOUGH, _LARGEST_RATIO * packed_size)):
        raise FetchFailed(f"{archive.name}: refused: its {packed_size:,} bytes would unpack to {total:,}.")
    if total > room:
        raise NoRoom(f"{archive.name}: {total:,} bytes are needed to unpack it, and there is room for {room:,}.")


def _problem(entry: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link, or something else that is no plain file"
    if entry.flag_bits & _ENCRYPTED:
        return "is encrypted"
    path = PurePosixPath(entry.orig_filename)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        return "would land outside the model's folder"
    if any(character in entry.orig_filename for character in "\\:\0"):
        return "has a name that no model's file has"
    return ""


def _parts(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    return PurePosixPath(entry.filename).parts


def _put(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    if entry.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    # Reading stops at the size that the list of contents gives, so that no file can grow beyond what was added up.
    with packed.open(entry) as source, target.open("xb") as out:
        shutil.copyfileobj(source, out, 1 << 20)
