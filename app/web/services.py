"""What the pages need of the rest of the server; bootstrap fills it in."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from app.core.config import Config
from app.core.entities import Activity
from app.ports.clock import Clock
from app.ports.history import History
from app.ports.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the server is, for /readyz and the page. `degraded`: one sentence each, without secrets.

    `speech` names the model that listens and `speech_fit` says what it is good for; `scorer` names what reads moods.
    """

    degraded: tuple[str, ...] = ()
    speech: str = ""
    speech_fit: str = ""
    scorer: str = ""
    clock: str = "system"
    config_version: str = ""
    config_problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything the web needs. `closing` is set when the process is about to end: streams then let go."""

    store: Store
    history: History
    clock: Clock
    admin_password: str
    config: Callable[[], Config]
    health: Callable[[], Health]
    set_activity: Callable[[str, Activity], bool]
    max_streams: int = 8
    closing: threading.Event = field(default_factory=threading.Event)
