"""The socket on which calls arrive: opened once, kept, and lent to each web server that is started."""

import errno
import socket
import sys

import psutil

# Connections that wait here while a killed web server is replaced; the kernel may allow fewer.
_BACKLOG = 1024


class CannotListen(Exception):
    """The address cannot be listened on; the message says why and what to do."""


class PortBusy(CannotListen):
    """Another program listens on the port already."""


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port` (0: any free one) and that child processes may inherit.

    Raises PortBusy, or CannotListen for any other reason.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise CannotListen(f"HOST={host} is not an address of this machine: {error.strerror}") from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _explained(host, port, error) from error
    listener.set_inheritable(True)
    return listener


def _explained(host: str, port: int, error: OSError) -> CannotListen:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else port - 1
        return PortBusy(f"Port {port} is in use{_by_whom(port)}. Stop it, or choose another port: PORT={other}")
    if error.errno == errno.EACCES:
        return CannotListen(f"Port {port} needs rights that this user lacks. Choose one above 1023: PORT=5000")
    if error.errno == errno.EADDRNOTAVAIL:
        return CannotListen(f"HOST={host} is not an address of this machine. Try HOST=127.0.0.1")
    return CannotListen(f"Cannot listen on {host}, port {port}: {error.strerror}")


def _by_whom(port: int) -> str:
    try:
        pids = {
            connection.pid
            for connection in psutil.net_connections(kind="tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
        }
        names = [f"{psutil.Process(pid).name()} (pid {pid})" for pid in sorted(pid for pid in pids if pid)]
    except psutil.Error:  # the system does not tell this user
        names = []
    if names:
        return " by " + " and ".join(names)
    if sys.platform == "darwin" and port in (5000, 7000):
        return " (macOS's AirPlay Receiver uses it: System Settings, General, AirDrop & Handoff)"
    return " by a program of another user"
