"""A WSGI application of two lines, for tests that need a web server to kill."""

import os
from collections.abc import Callable, Iterable


def web() -> Callable[..., Iterable[bytes]]:
    """Answers every request with the pid of the process that served it."""

    def application(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(os.getpid()).encode()]

    return application
