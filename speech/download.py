"""Brings one large file over a bad line: goes on where it stopped, gives up in time, and checks what came."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

_ZIP = b"PK\x03\x04"
_AT_ONCE = 1 << 16
_WORTH_THE_TRY = 1 << 20
_PASSING = (408, 425, 429, 500, 502, 503, 504)
_HOPELESS = (requests.exceptions.SSLError, requests.TooManyRedirects, ValueError)


class FetchFailed(Exception):
    """Something could not be fetched; the message says why, and what to do. Nothing has been installed."""


class NoRoom(FetchFailed):
    """The disk is too full."""


class _NotWhatWasPromised(FetchFailed):
    """The file is whole, but another one."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds, and for what.

    `pauses` lie between tries in a row that bring next to nothing; one that brings more begins them again.
    """

    connect: float = 10.0
    silence: float = 30.0
    pauses: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 15.0)
    slowest: int = 1000  # bytes a second, over twice the silence


@dataclass(frozen=True, slots=True)
class Source:
    """Where a zip file is, and what has to arrive."""

    url: str
    size: int
    md5: str
    sha256: str | None = None


class Watcher(Protocol):
    """Is told how a download goes."""

    def at(self, done: int, size: int) -> None:
        """So many bytes of all are here."""

    def said(self, text: str) -> None:
        """Something happened that a person wants to know."""


def download(source: Source, file: Path, watcher: Watcher, patience: Patience) -> None:
    """The whole file, checked; what an earlier attempt left in `file` is gone on from.

    Raises FetchFailed. What came stays for the next attempt, unless it is not the file that was promised.
    """
    resumed = file.exists()
    _complete(source, file, watcher, patience)
    try:
        _verify(source, file, watcher)
    except _NotWhatWasPromised as error:
        if not resumed:
            raise
        watcher.said(f"{error} Starting afresh, without what an earlier attempt had left.")
        _complete(source, file, watcher, patience)
        _verify(source, file, watcher)


def _complete(source: Source, file: Path, watcher: Watcher, patience: Patience) -> None:
    best = _size(file)
    poor_tries = 0
    while _size(file) != source.size:
        trouble = _continue(source, file, watcher, patience)
        if _size(file) == source.size:
            return
        poor_tries = 0 if _size(file) - best >= _WORTH_THE_TRY else poor_tries + 1
        best = max(best, _size(file))
        if poor_tries > len(patience.pauses):
            kept = f" {_size(file):,} bytes are kept; the same command goes on from there." if _size(file) else ""
            raise FetchFailed(f"{source.url}: gave up after {poor_tries} tries in a row: {trouble}.{kept}")
        pause = patience.pauses[max(poor_tries - 1, 0)] if patience.pauses else 0
        watcher.said(f"Trying again in {pause:g} s: {trouble}.")
        time.sleep(pause)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _continue(source: Source, file: Path, watcher: Watcher, patience: Patience) -> str:
    """One request; says why it ended, if that was before the end of the file."""
    if _size(file) > source.size:
        file.unlink()
    have = _size(file)
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with requests.get(
            source.url, headers=headers, stream=True, timeout=(patience.connect, patience.silence)
        ) as response:
            begin = _beginning(response, source, have)
            if begin is None:
                file.unlink(missing_ok=True)
                return "the server cannot go on in the middle"
            if response.status_code in _PASSING:
                return f"the server answered {response.status_code} {response.reason}"
            _write(_chunks(response, patience), file, begin, source, watcher)
    except (requests.RequestException, HTTPError) as error:
        return reason(error, source.url)
    return "the server ended early"


def _beginning(response: requests.Response, source: Source, have: int) -> int | None:
    """At which byte the answer begins; None where it should be asked for from the start. Raises FetchFailed."""
    if response.status_code == 416:
        return None
    if response.status_code in _PASSING:
        return have
    demand_file(response, source.url)
    if response.status_code != 206:
        _same_size(response.headers.get("Content-Length"), source)
        return 0
    given = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if given is None or int(given[1]) != have:
        return None
    _same_size(given[2] if given[2] != "*" else None, source)
    return have


def demand_file(response: requests.Response, url: str) -> None:
    """Raise FetchFailed unless the answer carries the file, rather than a refusal or a page for people."""
    if response.status_code not in (200, 206):
        raise FetchFailed(f"{url}: the server answered {response.status_code} {response.reason}.")
    if response.headers.get("Content-Type", "").partition(";")[0].strip().lower() in (
        "text/html",
        "application/xhtml+xml",
    ):
        host = urlsplit(url).hostname
        raise FetchFailed(f"{url}: a web page came instead. Does this network ask to sign in before it reaches {host}?")


def _same_size(announced: str | None, source: Source) -> None:
    if announced is not None and announced.strip() != str(source.size):
        raise FetchFailed(
            f"{source.url}: the server announces {announced} bytes where the published list says {source.size}. "
            "One of them is wrong, so nothing was fetched."
        )


def _chunks(response: requests.Response, patience: Patience) -> Iterator[bytes]:
    """The body as it arrives; raises an HTTPError when it stalls, or trickles so slowly that it never ends."""
    window = 2 * patience.silence
    began, came = time.monotonic(), 0
    # read1 returns what is there: anything that waits for a full block would not notice a trickle.
    while chunk := response.raw.read1(_AT_ONCE, decode_content=False):
        yield chunk
        came += len(chunk)
        if time.monotonic() - began >= window:
            if came < patience.slowest * window:
                raise HTTPError(f"only {came:,} bytes came in {window:g} s")
            began, came = time.monotonic(), 0


def _write(chunks: Iterator[bytes], file: Path, begin: int, source: Source, watcher: Watcher) -> None:
    done = begin
    try:
        with file.open("ab" if begin else "wb") as out:
            for chunk in chunks:
                if done == 0 and not _ZIP.startswith(chunk[: len(_ZIP)]):
                    raise FetchFailed(f"{source.url}: what comes is not a zip file.")
                if done + len(chunk) > source.size:
                    raise FetchFailed(f"{source.url}: the server sends more than the {source.size} bytes of the list.")
                out.write(chunk)
                done += len(chunk)
                watcher.at(done, source.size)
    except FetchFailed:
        file.unlink()
        raise
    except OSError as error:
        # A running server needs the room more than the next attempt needs what came.
        file.unlink(missing_ok=True)
        raise FetchFailed(f"{file}: cannot be written: {error.strerror}. What had come was removed.") from error


def _verify(source: Source, file: Path, watcher: Watcher) -> None:
    watcher.said("Checking what came.")
    found = {"md5": _digest(file, "md5")} | ({"sha256": _digest(file, "sha256")} if source.sha256 else {})
    for kind, wanted in (("md5", source.md5), ("sha256", source.sha256)):
        if wanted and found[kind] != wanted.lower():
            file.unlink()
            raise _NotWhatWasPromised(
                f"{source.url}: what came is not what was promised: its {kind} is {found[kind]}, not {wanted}."
            )


def _digest(file: Path, kind: str) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()


def reason(error: Exception, url: str) -> str:
    """Why a request failed, in a few words; raises FetchFailed where trying again is no use."""
    if isinstance(error, _HOPELESS):
        raise FetchFailed(f"{url}: {error}") from error
    host = urlsplit(url).netloc
    if isinstance(error, requests.ConnectTimeout) or "Max retries" in str(error):
        return f"{host} cannot be reached"
    if "timed out" in str(error).lower():
        return f"{host} has stopped sending"
    if "IncompleteRead" in str(error):
        return "the connection ended early"
    return f"the connection failed ({error})"
