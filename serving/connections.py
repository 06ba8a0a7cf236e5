"""Connections that owe us something: how long we wait for it, and how many of them we keep.

A client may take some seconds to send the head of a request, and longer for its body and to take the answer; then its
connection is closed. Where more connections are open than we keep, the one that has owed us a request for longest is
closed for the new one: half-sent requests, however many, never keep a reader out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

Owed = Literal["head", "idle", "body", "answer"]
"""A request's head, the next request on a kept connection, a request's body, that the client takes our answer."""
SECONDS: Mapping[Owed, float] = {"head": 10.0, "body": 60.0, "answer": 300.0}
"""Idle connections are closed by uvicorn itself (``timeout_keep_alive``)."""
GIVEN_UP_FIRST: tuple[Owed, ...] = ("head", "idle", "body")


class GuardedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with a deadline on everything that a client owes, and a bound on connections."""

    most: ClassVar[int] = 500
    seconds: ClassVar[Mapping[Owed, float]] = SECONDS
    _owed: Owed | None = None
    _since = 0.0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request; make room for it."""
        super().connection_made(transport)
        self._wait_for("head")
        if len(self.connections) > self.most:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Read on; bytes that complete nothing win no time."""
        super().data_received(data)
        self._wait_for(self._what_is_owed())

    def on_response_complete(self) -> None:
        """Go on to the next request of the connection."""
        super().on_response_complete()
        self._wait_for(self._what_is_owed())

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def _what_is_owed(self) -> Owed:
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            return "body"
        if state is not h11.IDLE:
            return "answer"
        begun = self.cycle is None or bool(self.conn.trailing_data[0])
        return "head" if begun else "idle"

    def _wait_for(self, owed: Owed) -> None:
        if owed == self._owed:
            return
        if self._deadline is not None:
            self._deadline.cancel()
        self._owed, self._since = owed, self.loop.time()
        seconds = self.seconds.get(owed)
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self.transport.abort)

    def _make_room(self) -> None:
        """Close the connection that has owed us a request for longest; the new one where all others are at work."""
        others = [c for c in self.connections if isinstance(c, GuardedProtocol) and c is not self]
        for owed in GIVEN_UP_FIRST:
            waiting = [c for c in others if c._owed == owed and not c.transport.is_closing()]
            if waiting:
                min(waiting, key=lambda c: c._since).transport.abort()
                return
        self.transport.abort()


def guarded_protocol(most: int, seconds: Mapping[Owed, float] = SECONDS) -> type[Any]:
    """The protocol with at most ``most`` connections."""
    return type("GuardedProtocol", (GuardedProtocol,), {"most": most, "seconds": seconds})
