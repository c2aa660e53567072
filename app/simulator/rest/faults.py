"""Faults on demand: answers of the REST API that a robust client must survive."""

import re
import threading
import time
from dataclasses import dataclass, field

from flask import Request, Response

from app.simulator.rest.errors import RestError


@dataclass(slots=True)
class Fault:
    """Answer the next `times` matching requests with an error.

    With `after` the request is carried out all the same, and only its answer is lost, so that its outcome is unknown
    to the client. `delay` seconds pass before the answer; a `body` stands instead of the JSON error.
    """

    path: str
    method: str = "POST"
    status: int = 503
    code: int = 20503
    times: int = 1
    delay: float = 0.0
    after: bool = False
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The faulty answer."""
        answer = RestError(self.status, self.code, "an injected fault").response()
        if self.body:
            answer = Response(self.body, self.status, content_type="text/html")
        answer.headers.update(self.headers)
        return answer


class Faults:
    """The faults that are still to be shown."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def inject(self, fault: Fault) -> None:
        """Show a fault from now on, until its times are used up."""
        with self._lock:
            self._faults.append(fault)

    def take(self, request: Request) -> Fault | None:
        """The fault for this request, if there is one; waits for its delay."""
        with self._lock:
            for fault in self._faults:
                if fault.times > 0 and fault.method == request.method and re.search(fault.path, request.path):
                    fault.times -= 1
                    break
            else:
                return None
        time.sleep(fault.delay)
        return fault
