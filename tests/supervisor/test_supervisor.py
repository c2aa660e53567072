"""The supervisor, with real processes."""

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from app.supervisor import AlreadyRunning, Child, ConsoleOutput, NotReady, Supervisor
from app.supervisor.process import OWNER_VARIABLE, end_leftovers

ROOT = Path(__file__).parents[2]
MakeChild = Callable[..., Child]


def test_a_killed_child_is_started_again_at_once(home, caller: MakeChild, data_dir: Path) -> None:
    with Supervisor([caller("web")], data_dir):
        _, first = home.report()
        os.kill(first, signal.SIGKILL)
        _, second = home.report()
        assert second != first
        assert int((data_dir / "run" / "web.pid").read_text()) == second


def test_children_wait_until_those_before_them_are_ready(home, caller: MakeChild, data_dir: Path) -> None:
    redis_is_up = threading.Event()
    children = [caller("redis", ready=redis_is_up.is_set), caller("web")]
    with Supervisor(children, data_dir) as supervisor:
        assert home.report()[0] == "redis"
        with pytest.raises(NotReady, match="redis was not ready"):
            supervisor.wait_ready(timeout=0.3)
        assert list(supervisor.children) == ["redis"]
        redis_is_up.set()
        assert home.report()[0] == "web"
        supervisor.wait_ready(timeout=20)


def test_a_later_child_keeps_running_while_an_earlier_one_restarts(home, caller: MakeChild, data_dir: Path) -> None:
    with Supervisor([caller("redis"), caller("web")], data_dir) as supervisor:
        pids = dict([home.report(), home.report()])
        os.kill(pids["redis"], signal.SIGKILL)
        name, _ = home.report()
        assert name == "redis"
        assert supervisor.children["web"] == pids["web"]


def test_children_stop_in_reverse_order_and_leave_no_pid_file(home, caller: MakeChild, data_dir: Path) -> None:
    script = """
import signal, socket, sys
def say(text):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as home:
        home.sendall(f"{text} 0\\n".encode())
def stop(number, frame):
    say("stopped-" + sys.argv[2])
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
say(sys.argv[2])
signal.pause()
"""
    supervisor = Supervisor([caller("first", script), caller("second", script)], data_dir)
    supervisor.start()
    assert {home.report()[0], home.report()[0]} == {"first", "second"}
    supervisor.stop()
    assert [home.report()[0], home.report()[0]] == ["stopped-second", "stopped-first"]
    assert list((data_dir / "run").glob("*.pid")) == []
    assert supervisor.children == {}


def test_a_child_deaf_to_its_signal_is_killed_with_all_it_started(home, caller: MakeChild, data_dir: Path) -> None:
    deaf = """
import os, signal, socket, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
home = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
home.sendall(f"{sys.argv[2]} {os.getpid()}\\n".encode())
home.recv(1)
"""
    supervisor = Supervisor([caller("deaf", deaf, grace_s=0.2)], data_dir)
    supervisor.start()
    parent_and_child = {home.report()[1], home.report()[1]}
    assert len(parent_and_child) == 2
    supervisor.stop()
    assert home.callers_have_gone()


def test_what_runs_once_is_not_started_again(data_dir: Path) -> None:
    once = Child("migrate", (sys.executable, "-c", ""), restart=False)
    after = Child("web", (sys.executable, "-c", "import signal; signal.pause()"))
    with Supervisor([once, after], data_dir) as supervisor:
        assert supervisor.wait_change(lambda running: list(running) == ["web"], timeout=20)
        supervisor.wait_ready(timeout=20)


def test_two_servers_cannot_share_a_data_folder(data_dir: Path) -> None:
    with Supervisor([], data_dir), pytest.raises(AlreadyRunning, match="DATA_DIR"):
        Supervisor([], data_dir).start()
    with Supervisor([], data_dir):
        pass  # free again


def test_children_end_when_the_supervisor_is_killed(home, data_dir: Path) -> None:
    with subprocess.Popen(
        (sys.executable, str(Path(__file__).with_name("one_child.py")), str(home.port), str(data_dir)),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as owner:
        home.report()
        owner.kill()
    if sys.platform != "linux":
        assert end_leftovers(data_dir / "run") == ["web"]
    assert home.callers_have_gone()


def test_ctrl_c_stops_the_children_and_then_the_supervisor(home, data_dir: Path) -> None:
    with subprocess.Popen(
        (sys.executable, str(Path(__file__).with_name("one_child.py")), str(home.port), str(data_dir)),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as owner:
        home.report()
        owner.send_signal(signal.SIGINT)
        assert home.callers_have_gone()
        assert owner.wait(20) == 0


def test_what_an_earlier_supervisor_left_is_ended_and_strangers_are_not(tmp_path: Path) -> None:
    waiting = (sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()")
    ours = {**os.environ, OWNER_VARIABLE: str(tmp_path)}
    with (
        subprocess.Popen(waiting, env=ours, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as left_over,
        subprocess.Popen(waiting, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stranger,
    ):
        for process in (left_over, stranger):
            assert process.stdout
            assert process.stdout.readline() == b"\n"  # it runs
        (tmp_path / "web.pid").write_text(str(left_over.pid))
        (tmp_path / "jobs.pid").write_text(str(stranger.pid))
        (tmp_path / "torn.pid").write_text("")
        assert end_leftovers(tmp_path) == ["web"]
        assert not psutil.pid_exists(left_over.pid)
        assert stranger.poll() is None
        assert list(tmp_path.glob("*.pid")) == []
        stranger.kill()


def test_on_the_console_each_line_stands_under_its_process(data_dir: Path) -> None:
    said = threading.Event()

    class Screen(io.StringIO):
        def flush(self) -> None:
            if "ready" in self.getvalue():
                said.set()

    screen = Screen()
    child = Child("web", (sys.executable, "-c", "print('ready'); import signal; signal.pause()"))
    with Supervisor([child], data_dir, ConsoleOutput(screen)):
        assert said.wait(20)
    assert screen.getvalue().splitlines()[0] == "web        | ready"


def test_in_log_files_the_last_words_of_a_crash_are_kept(home, caller: MakeChild, data_dir: Path) -> None:
    script = "import sys; sys.exit('the disk is on fire')"
    with Supervisor([caller("web", script, restart=False), caller("after")], data_dir) as running:
        assert home.report()[0] == "after"
        assert running.wait_change(lambda pids: "web" not in pids, timeout=10)
    assert (data_dir / "logs" / "web.log").read_text() == "the disk is on fire\n"


def test_a_program_that_does_not_exist_is_named_in_the_log(home, caller: MakeChild, data_dir: Path) -> None:
    missing = Child("redis", ("no-such-program",), restart=False)
    with Supervisor([missing, caller("after")], data_dir):
        home.report()
    assert "cannot run no-such-program" in (data_dir / "logs" / "redis.log").read_text()
