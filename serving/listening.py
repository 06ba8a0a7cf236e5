"""The sockets that the server listens at; what is wrong with an address or a port is said before anything else."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from rind.common.errors import RindError

WAITING_CONNECTIONS = 2048


class ListenError(RindError):
    """The server cannot listen where it should."""


@contextmanager
def listening(addresses: Sequence[str], port: int) -> Iterator[list[socket.socket]]:
    """One socket per address, closed at the end; ``::`` is IPv6 alone, so that ``0.0.0.0`` may stand beside it.

    Raises
    ------
    ListenError
        The port is taken, is not ours to take, or this machine has no such address.
    """
    with ExitStack() as opened:
        yield [opened.enter_context(_socket(address, port)) for address in addresses]


def _socket(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return socket.create_server((address, port), family=family, backlog=WAITING_CONNECTIONS)
    except OSError as error:
        raise ListenError(
            f"cannot listen at {address} port {port}: {os.strerror(error.errno or 0)}", _hint(error)
        ) from None


def _hint(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "another program listens there, perhaps another `rind serve`: end it, or give another --port"
    if error.errno == errno.EACCES:
        return "ports below 1024 are the system's: give another --port, and let the proxy have that one"
    return "name addresses of this machine in serving.addresses"
