"""How the web server runs: one process, many threads, on the socket that the supervisor opened.

One process, so that the speech model is in memory once and a call's newest media stream replaces its older one;
threads, because each media stream and each page that follows events holds one for as long as it lasts.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

worker_class = "gthread"
workers = 1
threads = 192
# Idle kept-alive connections beside the busy threads.
worker_connections = 1000
keepalive = 5
# A worker whose main thread is silent for this long is replaced.
timeout = 30
# Live calls carry on with their next webhook after a restart, so there is no point in a longer goodbye.
graceful_timeout = 5
# The heartbeat file must not wait for a disk.
_MEMORY = "/dev/shm"  # noqa: S108 # gunicorn makes a file of its own there, and unlinks it
worker_tmp_dir = _MEMORY if Path(_MEMORY).is_dir() else None
# Its default lies in the home folder, where two servers would fight over it; nothing here uses it.
control_socket_disable = True
# Requests name callers' numbers: the application logs what may be logged.
accesslog = None
errorlog = "-"
loglevel = "warning"


def on_starting(server: Any) -> None:
    """Imports the application's code in the master, so that a worker that dies is replaced by a fork within moments.

    Only its code: what it opens and loads is made by each worker, since connections and threads do not survive a fork.
    """
    import_module(server.app.app_uri.partition(":")[0])
