"""Fetching a model from a server that stalls, stops short, lies and cheats: all of it comes, or nothing is there."""

from __future__ import annotations

import fcntl
import hashlib
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from speech.download import FetchFailed, Patience
from speech.model_store import ModelStore
from speech.published import Published, read_index
from speech.vosk_folder import inspect
from tests.model_server import (
    NAME,
    Model,
    Way,
    World,
    always_from_the_start,
    cut_after,
    packed,
    packed_model,
    reply,
    serving,
    stall_after,
    status,
    trickle,
)

QUICK = Patience(connect=2, silence=0.25, pauses=(0.0, 0.0))
MODEL = packed_model()
CALM = Patience(connect=2, silence=10, pauses=(0.0, 0.0))


@dataclass
class Witness:
    """Remembers what a watcher is told."""

    seen: list[tuple[int, int]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def at(self, done: int, size: int) -> None:
        self.seen.append((done, size))

    def said(self, text: str) -> None:
        self.told.append(text)


@pytest.fixture
def server() -> Iterator[World]:
    with serving() as world:
        world.models[NAME] = Model(MODEL)
        yield world


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


def offered(server: World) -> Published:
    return {model.name: model for model in read_index(server.index, CALM)}[NAME]


def kept(store: ModelStore) -> list[Path]:
    """What lies where downloads are kept, but for the lock."""
    return sorted(path for path in (store.folder / ".partial").iterdir() if path.name != "lock")


def fails(server: World, store: ModelStore, patience: Patience = CALM) -> str:
    """Fetches in vain; nothing is installed, whatever the reason."""
    with pytest.raises(FetchFailed) as failure:
        store.fetch(offered(server), Witness(), patience)
    assert store.installed() == []
    assert not any(path.is_dir() for path in kept(store))
    return str(failure.value)


def test_a_published_model_is_installed_under_its_name(server: World, store: ModelStore) -> None:
    witness = Witness()
    folder = store.fetch(offered(server), witness, CALM)
    assert folder == store.folder / NAME == store.find(NAME)
    assert inspect(folder).vocabulary == 706
    assert witness.seen[-1] == (len(MODEL), len(MODEL))
    assert [model.problem for model in store.installed()] == [""]
    assert kept(store) == []


def test_a_model_that_is_there_is_not_fetched_again(server: World, store: ModelStore) -> None:
    model = offered(server)
    store.fetch(model, Witness(), CALM)
    asked = len(server.ranges)
    assert store.fetch(model, Witness(), CALM) == store.folder / NAME
    assert len(server.ranges) == asked


def test_a_cut_connection_is_gone_on_from_where_it_was(server: World, store: ModelStore) -> None:
    server.ways = [cut_after(100_000), cut_after(50_000)]
    store.fetch(offered(server), Witness(), CALM)
    assert server.ranges[1:] == [None, "bytes=100000-", "bytes=150000-"]


def test_a_fetch_given_up_is_gone_on_from_by_the_next(server: World, store: ModelStore) -> None:
    server.ways = [cut_after(100_000), status(503), status(503)]
    said = fails(server, store)
    assert "gave up after 3 tries" in said
    assert "503" in said
    assert "100,000 bytes are kept" in said
    store.fetch(offered(server), Witness(), CALM)
    assert server.ranges[-1] == "bytes=100000-"


def test_a_server_that_stalls_is_left_after_a_while(server: World, store: ModelStore) -> None:
    server.ways = [stall_after(5_000) for _ in range(3)]
    assert "has stopped sending" in fails(server, store, QUICK)
    assert [path.stat().st_size for path in kept(store)] == [15_000]


def test_a_server_that_only_trickles_is_left_after_a_while(server: World, store: ModelStore) -> None:
    server.ways = [trickle] * 3
    assert re.search(r"only \d+ bytes came in 0\.5 s", fails(server, store, QUICK))


def test_tries_that_bring_much_do_not_count_as_tries_in_vain(server: World, store: ModelStore, tmp_path: Path) -> None:
    big = packed_model(files={f"{NAME}/more": bytes(range(256)) * 4})
    server.models[NAME] = Model(big)
    server.ways = [cut_after(1 << 20), status(500), status(500), cut_after(10_000)]
    with pytest.raises(FetchFailed, match="gave up after 3 tries"):
        store.fetch(offered(server), Witness(), CALM)
    assert [path.stat().st_size for path in kept(store)] == [(1 << 20) + 10_000]


def test_a_server_that_knows_no_ranges_is_read_from_the_start_again(server: World, store: ModelStore) -> None:
    server.ways = [cut_after(100_000), always_from_the_start]
    store.fetch(offered(server), Witness(), CALM)
    assert len(server.ranges) == 3


@pytest.mark.parametrize(
    "confused",
    [reply(b"", 416), reply(b"PK", 206, Content_Range="bytes 7-8/9"), reply(b"PK", 206)],
    ids=["range-refused", "other-range", "no-range-named"],
)
def test_a_confused_range_makes_it_begin_again(server: World, store: ModelStore, confused: Way) -> None:
    server.ways = [cut_after(1_000), confused]
    store.fetch(offered(server), Witness(), CALM)
    assert server.ranges[1:] == [None, "bytes=1000-", None]


@pytest.mark.parametrize(
    ("way", "complaint"),
    [
        (status(404), "answered 404"),
        (status(403), "answered 403"),
        (reply(b"<html>Sign in", Content_Type="text/html; charset=utf-8"), "a web page came instead"),
        (reply(b"<html>Sign in" + bytes(len(MODEL) - 13)), "is not a zip file"),
        (reply(MODEL + b"more"), r"announces \d+ bytes where the published list says"),
        (reply(MODEL[:-9]), r"announces \d+ bytes where the published list says"),
        (reply(b"PK", 206, Content_Range="bytes 0-1/2"), "announces 2 bytes"),
    ],
)
def test_an_answer_that_is_not_the_file_ends_it_at_once(
    server: World, store: ModelStore, way: Way, complaint: str
) -> None:
    server.ways = [way]
    with pytest.raises(FetchFailed, match=complaint):
        store.fetch(offered(server), Witness(), CALM)
    assert len(server.ranges) == 2
    assert kept(store) == []
    assert store.installed() == []


def test_a_body_longer_than_the_list_says_is_cut_off(server: World, store: ModelStore) -> None:
    def endless(request, data: bytes) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(data + b"more")

    server.ways = [endless]
    assert "sends more than" in fails(server, store)
    assert kept(store) == []


def test_a_file_with_another_checksum_is_thrown_away(server: World, store: ModelStore) -> None:
    server.models[NAME] = Model(MODEL, {"md5": "0" * 32})
    assert "not what was promised" in fails(server, store)
    assert kept(store) == []


def test_a_checksum_of_the_owner_is_checked_too(server: World, store: ModelStore) -> None:
    with pytest.raises(FetchFailed, match="its sha256 is"):
        store.fetch(offered(server), Witness(), CALM, sha256="0" * 64)
    store.fetch(offered(server), Witness(), CALM, sha256=hashlib.sha256(MODEL).hexdigest().upper())


def test_a_damaged_beginning_of_an_earlier_attempt_is_not_held_against_the_server(
    server: World, store: ModelStore
) -> None:
    server.ways = [cut_after(1_000), status(404)]
    fails(server, store)
    (beginning,) = kept(store)
    beginning.write_bytes(b"PK\x03\x04" + bytes(996))
    witness = Witness()
    store.fetch(offered(server), witness, CALM)
    assert any("Starting afresh" in text for text in witness.told)


@pytest.mark.parametrize(
    ("files", "link", "complaint"),
    [
        ({"../outside": b"x"}, None, "outside the model's folder"),
        ({f"{NAME}/a/../../../outside": b"x"}, None, "outside the model's folder"),
        ({"/outside": b"x"}, None, "outside the model's folder"),
        ({"C:\\outside": b"x"}, None, "a name that no model's file has"),
        ({}, f"{NAME}/link", "is a link"),
        ({"zeros": bytes(100 << 20)}, None, "would unpack to 104,857,600"),
        ({"a/b": b"x", "a/./b": b"y"}, None, "the same one twice"),
        ({"a": b"x", "a/b": b"y"}, None, "cannot be written"),
        ({"readme.txt": b"hello"}, None, "no Vosk model in it"),
        ({f"{NAME}/am/final.mdl": b"x"}, None, "conf/mfcc.conf is missing"),
    ],
)
def test_a_zip_that_is_not_a_harmless_model_leaves_nothing(
    server: World, store: ModelStore, files: dict[str, bytes], link: str | None, complaint: str
) -> None:
    server.models[NAME] = Model(packed(files, link))
    assert complaint in fails(server, store)
    assert sorted(path.name for path in store.folder.parent.iterdir()) == ["models"]


def test_a_damaged_zip_is_refused(server: World, store: ModelStore) -> None:
    damaged = bytearray(MODEL)
    damaged[2_000:2_100] = bytes(100)
    server.models[NAME] = Model(bytes(damaged))
    assert "zip file is damaged" in fails(server, store)
    assert kept(store) == []


def test_a_model_whose_files_are_not_in_a_folder_of_its_own_is_found(server: World, store: ModelStore) -> None:
    server.models[NAME] = Model(packed_model("."))
    assert inspect(store.fetch(offered(server), Witness(), CALM)).vocabulary == 706


def test_a_disk_with_too_little_room_is_noticed_before_anything_comes(server: World, tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models", free=lambda _: (200 << 20) + 1000)
    assert "the disk has room for 1,000" in fails(server, store)
    assert len(server.ranges) == 1


def test_a_disk_too_full_to_unpack_keeps_the_download(server: World, tmp_path: Path) -> None:
    rooms = iter([1 << 40, 200 << 20])
    store = ModelStore(tmp_path / "models", free=lambda _: next(rooms))
    assert "are needed to unpack it" in fails(server, store)
    assert [path.stat().st_size for path in kept(store)] == [len(MODEL)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_a_disk_that_fills_up_meanwhile_gets_its_room_back(server: World, store: ModelStore) -> None:
    model = offered(server)
    (store.folder / ".partial").mkdir(parents=True)
    (store.folder / ".partial" / f"{NAME}-{model.md5[:12]}.zip").symlink_to("/dev/full")
    assert "No space left on device" in fails(server, store)
    assert kept(store) == []


def test_two_fetches_do_not_write_into_one_another(server: World, store: ModelStore) -> None:
    (store.folder / ".partial").mkdir(parents=True)
    with (store.folder / ".partial" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another fetch is at work" in fails(server, store)


def test_a_server_that_is_not_there_is_said_to_be_out_of_reach(server: World, store: ModelStore) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        server.models[NAME] = Model(MODEL, {"url": f"http://127.0.0.1:{nobody.getsockname()[1]}/x.zip"})
        assert "cannot be reached" in fails(server, store)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"<html>", "a web page came instead"),
        (b"[{", "is no list of models"),
        (b"{}", "is no list of models"),
        (b'[{"name": "../x", "url": "http://x/", "size": 1, "md5": "00000000000000000000000000000000"}]', "holds none"),
        (b"[" + b" " * (5 << 20) + b"]", "more than 4,194,304 bytes"),
    ],
)
def test_a_list_that_is_none_is_refused(server: World, body: bytes, complaint: str) -> None:
    server.models["list"] = Model(b"")
    server.ways = [reply(body, Content_Type="text/html" if body == b"<html>" else "application/json")]
    with pytest.raises(FetchFailed, match=complaint):
        read_index(f"{server.url}/list.zip", CALM)
