"""The list of processes that make a server, and the web server on its inherited socket."""

import http.client
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from app.settings import Settings
from app.supervisor import Child, PortBusy, Supervisor, listening_socket
from app.supervisor.stack import LOOPS, Stack, stack

HERE = Path(__file__).parent
GUNICORN_CONFIG = HERE.parents[1] / "app" / "supervisor" / "gunicorn_conf.py"


def names(built: Stack) -> list[str]:
    return [child.name for child in built.supervisor.plan]


def test_redis_starts_first_and_the_web_last_so_that_calls_stop_coming_before_anything_else(
    data_dir: Path,
) -> None:
    built = stack(Settings(data_dir=data_dir, port=0))
    assert names(built) == ["redis", *LOOPS, "web"]
    built.close()


def test_a_redis_of_the_owner_is_used_as_it_is(data_dir: Path) -> None:
    built = stack(Settings(data_dir=data_dir, port=0, redis_url="redis://redis.example:6379/0"))
    assert names(built) == [*LOOPS, "web"]
    assert built.settings.redis_url == "redis://redis.example:6379/0"
    built.close()


def test_every_process_reads_the_settings_that_were_settled_at_the_start(data_dir: Path) -> None:
    built = stack(Settings(data_dir=data_dir, port=0))
    assert built.settings.port == built.listener.getsockname()[1]
    assert built.url == f"http://127.0.0.1:{built.settings.port}"
    for child in built.supervisor.plan[1:]:
        assert Settings.from_environment(child.env) == built.settings
    built.close()


def test_a_busy_port_is_told_before_anything_starts(data_dir: Path) -> None:
    with listening_socket("127.0.0.1", 0) as taken, pytest.raises(PortBusy):
        stack(Settings(data_dir=data_dir, port=taken.getsockname()[1]))
    assert not data_dir.exists()


def ask(port: int) -> int:
    """The pid of the web process that answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/")
        return int(connection.getresponse().read())
    finally:
        connection.close()


@pytest.mark.parametrize("victim", ["worker", "master"])
def test_a_killed_web_server_loses_no_connection_attempt(data_dir: Path, victim: str) -> None:
    with listening_socket("127.0.0.1", 0) as listener:
        fd, port = listener.fileno(), listener.getsockname()[1]
        argv = (sys.executable, "-m", "gunicorn", "--config", str(GUNICORN_CONFIG), "--bind", f"fd://{fd}")
        web = Child("web", (*argv, "--chdir", str(HERE), "tiny_app:web()"), pass_fds=(fd,))
        with Supervisor([web], data_dir) as supervisor:
            worker = ask(port)
            master = supervisor.children["web"]
            os.kill(worker if victim == "worker" else master, signal.SIGKILL)
            # At once, while no web server is there: the connection waits in the supervisor's socket.
            if victim == "master":
                assert supervisor.wait_change(lambda pids: pids.get("web") != master, timeout=20)
            else:
                with suppress(psutil.NoSuchProcess):
                    psutil.Process(worker).wait(20)
            assert ask(port) not in (worker, master)
