"""Runs the server's processes: starts them in order, restarts what dies, stops all of them together."""

from app.supervisor.child import Child
from app.supervisor.listening import CannotListen, PortBusy, listening_socket
from app.supervisor.output import ConsoleOutput, LogFiles, Output
from app.supervisor.supervisor import AlreadyRunning, NotReady, Supervisor

__all__ = [
    "AlreadyRunning",
    "CannotListen",
    "Child",
    "ConsoleOutput",
    "LogFiles",
    "NotReady",
    "Output",
    "PortBusy",
    "Supervisor",
    "listening_socket",
]
