"""Messages to a webhook over HTTPS."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self
from urllib.parse import urlsplit

import httpx

from rind.common.errors import UsageError
from rind.serving.deliver.items import Item
from rind.serving.deliver.sending import DownError, RefusedError, StalledError, TemporaryError
from rind.serving.deliver.settings import LOOPBACK, is_host

TRY_AGAIN = (408, 425, 429)
"""Statuses below 500 that ask for another try."""

BAD_REQUEST = 400
HEADERS = {"content-type": "application/json; charset=utf-8"}
CODE = re.compile(rb"[a-z][a-z_]{2,60}")
"""What Slack says of a refusal, such as invalid_blocks; nothing else of an answer is repeated."""


@dataclass(frozen=True)
class Answer:
    """What a webhook answered."""

    status: int
    retry_after: str
    code: str

    def __str__(self) -> str:
        return f"the webhook answered {self.status}" + (f" ({self.code})" if self.code else "")


def webhook_problem(url: str, variable: str) -> str:
    """What is wrong with a webhook's address, without the address; "" where nothing is.

    ``variable``: the variable of the environment that holds the address.
    """
    wrong = f"{variable} is no https address"
    try:
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in LOOPBACK
        allowed = parts.scheme == "https" or local
        plain = url.isascii() and url.isprintable() and " " not in url
        sound = allowed and plain and is_host(parts.hostname or "") and parts.port != 0
        sound = sound and bool(httpx.URL(url).host)
    except (ValueError, httpx.InvalidURL):  # a port that is none, an IPv6 address cut short, a broken xn-- ...
        return wrong
    return "" if sound else wrong


class WebhookSender:
    """Messages to one webhook; its URL is a secret, and no message of an error holds it.

    Parameters
    ----------
    variable
        The variable of the environment that holds the URL; messages name it.
    timeout_seconds
        For a whole exchange, from the look-up of the name to the answer.
    simpler
        Makes the body to send instead where the webhook refuses the first one as a bad request.

    Raises
    ------
    UsageError
        The URL is not https (http is taken on this machine only).
    """

    def __init__(
        self, url: str, variable: str, timeout_seconds: float, simpler: Callable[[bytes], bytes] | None = None
    ) -> None:
        if problem := webhook_problem(url, variable):
            raise UsageError(problem, "copy it from the chat's webhook settings")
        self._url, self._seconds, self._simpler = url, timeout_seconds, simpler

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def send(self, item: Item) -> None:
        """POST one message; it was taken when this returns."""
        answer = self._post(item.payload)
        if answer.status == BAD_REQUEST and self._simpler is not None:
            answer = self._post(self._simpler(item.payload))
        if 200 <= answer.status < 300:
            return
        if answer.status in TRY_AGAIN or answer.status >= 500:
            raise TemporaryError(str(answer), seconds_of(answer.retry_after))
        raise RefusedError(str(answer))

    def _post(self, body: bytes) -> Answer:
        try:
            return asyncio.run(self._exchange(body))
        except TimeoutError:
            raise StalledError(f"the webhook did not answer within {self._seconds:g} s") from None
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:  # their texts may hold the URL
            raise DownError(f"the webhook cannot be reached: {type(error).__name__}") from None
        except httpx.HTTPError as error:
            raise TemporaryError(f"the webhook cannot be reached: {type(error).__name__}") from None

    async def _exchange(self, body: bytes) -> Answer:
        """One POST within its seconds; the timeouts of httpx itself begin anew with every byte."""
        async with (
            asyncio.timeout(self._seconds),
            httpx.AsyncClient(timeout=self._seconds, follow_redirects=False) as client,
            client.stream("POST", self._url, content=body, headers=HEADERS) as response,
        ):
            code = "" if response.is_success else await _code(response)
            return Answer(response.status_code, response.headers.get("retry-after", ""), code)


async def _code(response: httpx.Response) -> str:
    """The reason in the answer's body, where it comes at once and is a plain word."""
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(1):
            async for part in response.aiter_raw():
                return part.decode() if CODE.fullmatch(part) else ""
    return ""


def seconds_of(retry_after: str) -> float:
    """Seconds of a Retry-After header, which holds a number or a date; 0 where it holds neither."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    with suppress(ValueError, TypeError, OverflowError):
        at = parsedate_to_datetime(text)
        return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    return 0.0
