"""The cookie of a sign-in: what is sent to the provider follows from it, and it is good for one answer.

Nothing is kept on the server between the start of a sign-in and the provider's answer: state, nonce and PKCE verifier
are made from the cookie with a key that lives as long as the process, so that none of them gives another one away. Of a
sign-in that was answered the server remembers the cookie until it is too old anyway: an answer counts once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass

FLOW_SECONDS = 600
MOST_ANSWERED = 100_000
LONGEST_TARGET = 1000
"""Bytes; a browser keeps no cookie of more than 4,096."""


class FlowError(Exception):
    """This answer belongs to no sign-in of this browser that still waits for one."""


@dataclass(frozen=True)
class Flow:
    """A sign-in that waits for the provider's answer; ``target`` is the page to show then."""

    cookie: str
    target: str
    state: str
    nonce: str
    verifier: str


class Flows:
    """Begins sign-ins and recognises their answers."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._answered: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, target: str) -> Flow:
        """A new sign-in."""
        given_target = target.encode("utf-8", "surrogatepass")
        place = urlsafe_b64encode(given_target if len(given_target) <= LONGEST_TARGET else b"/").decode().rstrip("=")
        given = f"{secrets.token_urlsafe(16)}.{int(time.time())}.{place}"
        return self._flow(f"{given}.{self._made('cookie', given)}")

    def answered(self, cookie: str, state: str) -> Flow:
        """The sign-in that this browser began and that the provider answers now.

        Raises
        ------
        FlowError
            The cookie is not ours or too old, the state is not the one that was sent, or there was an answer before.
        """
        given, _, signature = cookie.rpartition(".")
        if not _same(signature, self._made("cookie", given)):
            raise FlowError("the browser has no sign-in that waits")
        flow, began = self._flow(cookie), int(given.split(".")[1])
        if not _same(state, flow.state):
            raise FlowError("the state is another one")
        if not 0 <= time.time() - began <= FLOW_SECONDS:
            raise FlowError("the sign-in is too old")
        with self._lock:
            if cookie in self._answered:
                raise FlowError("the sign-in was answered before")
            self._forget_old()
            self._answered[cookie] = time.time()
        return flow

    def _forget_old(self) -> None:
        before = time.time() - FLOW_SECONDS
        while self._answered:
            oldest = next(iter(self._answered.values()))
            if oldest >= before and len(self._answered) < MOST_ANSWERED:
                return
            self._answered.popitem(last=False)

    def _flow(self, cookie: str) -> Flow:
        place = cookie.split(".")[2]
        target = urlsafe_b64decode(place + "=" * (-len(place) % 4)).decode("utf-8", "surrogatepass")
        return Flow(cookie, target, *(self._made(part, cookie) for part in ("state", "nonce", "verifier")))

    def _made(self, *parts: str) -> str:
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode())
