"""One running child process: started tied to us, watched, stopped gently and then for good."""

import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from app.supervisor.child import Child
from app.supervisor.output import Output

logger = logging.getLogger(__name__)

# In the environment of every child: whose it is. So a later supervisor knows what an earlier one left behind.
OWNER_VARIABLE = "SWITCHBOARD_SUPERVISED_FOR"
_TETHER = str(Path(__file__).with_name("tether.py"))


class Process:
    """A started child, in a session of its own: a terminal's Ctrl-C goes to the supervisor alone."""

    def __init__(self, child: Child, run_dir: Path, output: Output) -> None:
        self.child = child
        self.started_at = time.monotonic()
        self._pid_file = run_dir / f"{child.name}.pid"
        file, pump = output.open(child.name)
        tether = (sys.executable, "-I", "-S", _TETHER, str(os.getpid()), str(int(child.stop_signal)))
        self._popen = subprocess.Popen(
            (*tether, *child.argv),
            env={**os.environ, "PYTHONUNBUFFERED": "1", **child.env, OWNER_VARIABLE: str(run_dir)},
            stdin=subprocess.DEVNULL,
            stdout=file if file else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=child.pass_fds,
        )
        if file:
            file.close()
        if pump and self._popen.stdout:
            pump.start(self._popen.stdout)
        try:
            self._pid_file.write_text(f"{self.pid}\n", encoding="ascii")
        except OSError:
            self.clear_away()
            raise

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._popen.pid

    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number if a signal ended it."""
        return self._popen.poll()

    def is_ready(self) -> bool:
        """Whether it runs and does its work."""
        return self.exit_code() is None and (self.child.ready is None or self.child.ready())

    def ran_for_s(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.started_at

    def stop(self, grace_s: float) -> None:
        """Ask it to end; after the grace, end it and everything it started."""
        if self.exit_code() is None:
            self._popen.send_signal(self.child.stop_signal)
            try:
                self._popen.wait(grace_s)
            except subprocess.TimeoutExpired:
                logger.warning("%s did not stop within %.0f s and was killed", self.child.name, grace_s)
        self.clear_away()

    def clear_away(self) -> None:
        """End what is left of its process group, and forget its pid."""
        with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()
        self._pid_file.unlink(missing_ok=True)


def end_leftovers(run_dir: Path, grace_s: float = 5.0) -> list[str]:
    """End children that an earlier supervisor of this folder left running; returns their names.

    Needed where the kernel does not end them itself. A pid that now belongs to a stranger is left alone.
    """
    left: dict[psutil.Process, str] = {}
    for pid_file in sorted(run_dir.glob("*.pid")):
        with suppress(ValueError, psutil.Error):
            process = psutil.Process(int(pid_file.read_text(encoding="ascii")))
            if process.environ().get(OWNER_VARIABLE) == str(run_dir):
                process.terminate()
                left[process] = pid_file.stem
        pid_file.unlink(missing_ok=True)
    _, stubborn = psutil.wait_procs(list(left), timeout=grace_s)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=grace_s)
    return list(left.values())
