"""The processes of a whole server: Redis, the loops and the job worker, the web."""

import http.client
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from socket import socket
from types import TracebackType

from app.embedded_redis import answers_ping, embedded_redis
from app.settings import Settings
from app.supervisor.child import Child
from app.supervisor.listening import listening_socket
from app.supervisor.output import Output
from app.supervisor.supervisor import Supervisor

# In the order in which they start. Web comes after them, so that it stops first: no new call meets a
# half-stopped server, and what the last ones asked for is still carried out.
LOOPS = ("jobs", "followers", "operator", "dispatcher")
_GUNICORN_CONFIG = Path(__file__).with_name("gunicorn_conf.py")


@dataclass(frozen=True, slots=True)
class Stack:
    """A server ready to be started: its supervisor, its open socket, and its settings with nothing left open.

    As a context manager: starts on entering; stops and closes the socket on leaving.
    """

    supervisor: Supervisor
    settings: Settings
    listener: socket

    @property
    def url(self) -> str:
        """Where this machine reaches the server."""
        return f"http://{_connectable(self.settings.host)}:{self.settings.port}"

    def close(self) -> None:
        """Stop every process and close the socket."""
        self.supervisor.stop()
        self.listener.close()

    def __enter__(self) -> "Stack":
        self.supervisor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def stack(settings: Settings, output: Output | None = None) -> Stack:
    """Everything `switchboard serve` runs. Opens the socket; starts nothing yet.

    Raises PortBusy or CannotListen, and RedisMissing.
    """
    listener = listening_socket(settings.host, settings.port)
    try:
        resolved = replace(settings, data_dir=settings.data_dir.absolute(), port=listener.getsockname()[1])
        children = []
        if resolved.redis_url is None:
            own = embedded_redis(resolved.data_dir)
            resolved = replace(resolved, redis_url=own.url)
            children.append(_redis(own.argv, own.url))
        children += [_loop(name, resolved) for name in LOOPS]
        children.append(_web(resolved, listener))
    except BaseException:
        listener.close()
        raise
    return Stack(Supervisor(children, resolved.data_dir, output), resolved, listener)


def _redis(argv: tuple[str, ...], url: str) -> Child:
    return Child("redis", argv, ready=lambda: answers_ping(url))


def _loop(name: str, settings: Settings) -> Child:
    argv = (sys.executable, "-m", "app.cli", "process", name)
    return Child(name, argv, env=settings.to_environment(), group="loops")


def _web(settings: Settings, listener: socket) -> Child:
    bind = f"fd://{listener.fileno()}"
    argv = (sys.executable, "-m", "gunicorn", "--config", str(_GUNICORN_CONFIG), "--bind", bind)
    return Child(
        "web",
        (*argv, "app.bootstrap.web:application()"),
        env=settings.to_environment(),
        ready=_healthy(settings.host, settings.port),
        pass_fds=(listener.fileno(),),
    )


def _healthy(host: str, port: int) -> Callable[[], bool]:
    def ask() -> bool:
        # Not a mere connection: the socket accepts those before any web server runs.
        connection = http.client.HTTPConnection(_connectable(host).strip("[]"), port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ask


def _connectable(host: str) -> str:
    """An address that reaches a server bound to `host`, as it stands in a URL."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 # compared, not bound
        return "127.0.0.1" if host == "0.0.0.0" else "[::1]"  # noqa: S104 # likewise
    return f"[{host}]" if ":" in host else host
