"""A running server reads the owner's file again when it changes, and keeps the good one when it is broken."""

import logging
import os
from pathlib import Path

import pytest

from app.owner import ConfigBook, OwnerFileError

GOOD = 'business: {name}\nnumber: "+12025550100"\ntime zone: UTC\n'
BROKEN = 'business: Unicone\ntime zone: UTC\nvips: ["+47 5 secret"]\n'


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.instant = 1_000_000

    def now(self) -> int:
        return self.instant

    def pass_seconds(self, seconds: float) -> None:
        self.instant += int(seconds * 1000)


class Shelf:
    """Keeps texts in memory, as the store does between processes."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def put(self, version: str, text: str) -> None:
        self.texts[version] = text

    def get(self, version: str) -> str | None:
        return self.texts.get(version)


class Desk:
    """An owner at work: a file, a clock and a shelf, and books that read them."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "shop.yaml"
        self.clock = Clock()
        self.shelf = Shelf()
        self._stamp = 1_000_000_000

    def write(self, text: str, to: Path | None = None) -> None:
        target = to or self.file
        target.write_text(text, encoding="utf-8")
        self._stamp += 1_000_000_000
        os.utime(target, ns=(self._stamp, self._stamp))

    def name(self, name: str) -> None:
        self.write(GOOD.format(name=name))

    def book(self, overlay: Path | None = None) -> ConfigBook:
        return ConfigBook(self.file, self.shelf, self.clock, overlay)


@pytest.fixture(name="desk")
def _desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.name("Unicone")
    return desk


def test_a_change_is_seen_after_a_second(desk: Desk) -> None:
    book = desk.book()
    assert book.current().business == "Unicone"
    desk.name("Bicone")
    desk.clock.pass_seconds(0.9)
    assert book.current().business == "Unicone"
    desk.clock.pass_seconds(0.2)
    assert book.current().business == "Bicone"


def test_an_unchanged_file_is_not_read_again(desk: Desk) -> None:
    book = desk.book()
    first = book.current()
    desk.clock.pass_seconds(60)
    assert book.current() is first


def test_a_broken_file_changes_nothing_but_says_so(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    book = desk.book()
    desk.write(BROKEN)
    with caplog.at_level(logging.INFO):
        for _ in range(5):
            desk.clock.pass_seconds(2)
            assert book.current().business == "Unicone"
    assert book.problem is not None
    assert book.problem.startswith(f'{desk.file}:3:8: "+47 5 secret" is not')
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert f"{desk.file}:3:8" in caplog.text
    assert "secret" not in caplog.text


def test_a_repaired_file_is_used_again(desk: Desk) -> None:
    book = desk.book()
    desk.write(BROKEN)
    desk.clock.pass_seconds(2)
    book.current()
    desk.name("Bicone")
    desk.clock.pass_seconds(2)
    assert (book.current().business, book.problem) == ("Bicone", None)


def test_a_file_that_vanishes_changes_nothing_but_says_so(desk: Desk) -> None:
    book = desk.book()
    desk.file.unlink()
    desk.clock.pass_seconds(2)
    assert book.current().business == "Unicone"
    assert book.problem is not None
    assert "there is no such file" in book.problem


def test_a_call_in_progress_keeps_the_version_it_started_with(desk: Desk) -> None:
    book = desk.book()
    started = book.current()
    desk.name("Bicone")
    desk.clock.pass_seconds(2)
    assert book.current().business == "Bicone"
    assert book.get(started.version) == started
    assert book.get(book.current().version) is book.current()


def test_other_processes_and_a_restart_find_earlier_versions(desk: Desk) -> None:
    started = desk.book().current()
    desk.name("Bicone")
    assert desk.book().get(started.version) == started


def test_an_earlier_version_is_found_even_if_its_music_is_gone(desk: Desk) -> None:
    song = desk.file.with_name("song.wav")
    song.write_bytes(b"RIFF\0\0\0\0WAVEfmt ")
    music = "agents: {a: {phone: '+12025550111'}}\nqueues: {q: {serves: name == 'a', music: song.wav}}\n"
    desk.write(GOOD.format(name="Unicone") + music)
    started = desk.book().current()
    assert started.queues["q"].music == str(song)
    song.unlink()
    desk.name("Bicone")
    assert desk.book().get(started.version) == started


def test_a_version_nobody_remembers_is_served_by_the_present_one(desk: Desk) -> None:
    book = desk.book()
    assert book.get("0123456789ab") is book.current()


def test_a_restart_with_a_broken_file_goes_on_with_the_last_good_one(desk: Desk) -> None:
    desk.book()
    desk.write(BROKEN)
    book = desk.book()
    assert book.current().business == "Unicone"
    assert book.problem is not None
    desk.name("Bicone")
    desk.clock.pass_seconds(2)
    assert (book.current().business, book.problem) == ("Bicone", None)


def test_a_first_start_with_a_broken_file_is_refused(desk: Desk) -> None:
    desk.write(BROKEN)
    with pytest.raises(OwnerFileError):
        desk.book()


def test_another_file_does_not_inherit_the_last_good_one(desk: Desk) -> None:
    desk.book()
    other = desk.file.with_name("other.yaml")
    desk.write(BROKEN, to=other)
    with pytest.raises(OwnerFileError):
        ConfigBook(other, desk.shelf, desk.clock)


def test_an_overlay_is_watched_as_well(desk: Desk) -> None:
    overlay = desk.file.with_name("times.yaml")
    desk.write("offers: {ring: 5 s}\n", to=overlay)
    book = desk.book(overlay)
    started = book.current()
    assert started.offers.ring == 5
    desk.write("offers: {ring: 7 s}\n", to=overlay)
    desk.clock.pass_seconds(2)
    assert book.current().offers.ring == 7
    assert desk.book(overlay).get(started.version) == started
