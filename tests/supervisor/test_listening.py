"""The listening socket, and whom it blames when it cannot be had."""

import os
import socket

import pytest

from app.supervisor import CannotListen, PortBusy, listening_socket


def test_a_free_port_is_found_and_children_may_inherit_the_socket() -> None:
    with listening_socket("127.0.0.1", 0) as listener:
        assert listener.get_inheritable()
        with socket.create_connection(listener.getsockname()):
            pass  # accepted by the kernel, before any server runs


def test_a_busy_port_names_who_has_it_and_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortBusy) as refused:
            listening_socket("127.0.0.1", port)
    assert f"Port {port} is in use by " in str(refused.value)
    assert f"(pid {os.getpid()})" in str(refused.value)
    assert f"PORT={port + 1}" in str(refused.value)


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_refused_with_a_hint(host: str) -> None:
    with pytest.raises(CannotListen, match=f"HOST={host} is not an address of this machine"):
        listening_socket(host, 0)
