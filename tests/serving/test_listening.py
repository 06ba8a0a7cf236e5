"""Where the server listens, and what is said where it cannot."""

from __future__ import annotations

import socket

import pytest

from rind.serving.listening import ListenError, listening


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_port_that_is_taken_is_named_with_the_way_out_and_nothing_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(ListenError, match=f"127.0.0.1 port {port}: Address already in use") as caught,
            listening(["127.0.0.2", "127.0.0.1"], port),
        ):
            pass
        assert "another --port" in caught.value.hint
        assert caught.value.exit_code == 1, "it may be free in some seconds: a supervisor tries again"
        socket.create_server(("127.0.0.2", port)).close()


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ListenError, match=r"192\.0\.2\.1") as caught, listening(["192.0.2.1"], free_port()):
        pass
    assert "serving.addresses" in caught.value.hint


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
@pytest.mark.parametrize("addresses", [("127.0.0.1", "::1"), ("0.0.0.0", "::")])
def test_both_kinds_of_addresses_may_stand_side_by_side(addresses: tuple[str, str]) -> None:
    port = free_port()
    with listening(addresses, port):
        for host in ("127.0.0.1", "::1"):
            with socket.create_connection((host, port), timeout=2) as connection:
                assert connection.getpeername()[:2] == (host, port)
