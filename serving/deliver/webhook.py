"""Messages to a webhook over HTTPS."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

import httpx

from rind.common.errors import UsageError
from rind.serving.deliver.items import Item
from rind.serving.deliver.sending import DownError, RefusedError, TemporaryError
from rind.serving.deliver.settings import LOOPBACK

TRY_AGAIN = (408, 425, 429)
"""Statuses below 500 that ask for another try."""


class WebhookSender:
    """Messages to one webhook; its URL is a secret, and no message of an error holds it.

    Raises
    ------
    UsageError
        The URL is not https (http is taken on this machine only).
    """

    def __init__(self, url: str, timeout_seconds: float) -> None:
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in LOOPBACK
        if not (parts.hostname and (parts.scheme == "https" or local)):
            raise UsageError("RIND_SLACK_WEBHOOK is no https address", "copy it from the chat's webhook settings")
        self._url = url
        self._client = httpx.Client(timeout=timeout_seconds, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def send(self, item: Item) -> None:
        """POST one message; it was taken when this returns."""
        try:
            response = self._client.post(
                self._url, content=item.payload, headers={"content-type": "application/json; charset=utf-8"}
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:  # their texts may hold the URL
            raise DownError(f"the webhook cannot be reached: {type(error).__name__}") from None
        except httpx.HTTPError as error:
            raise TemporaryError(f"the webhook cannot be reached: {type(error).__name__}") from None
        if response.is_success:
            return
        message = f"the webhook answered {response.status_code}"
        if response.status_code in TRY_AGAIN or response.status_code >= 500:
            seconds = response.headers.get("retry-after", "")
            raise TemporaryError(message, float(seconds) if seconds.isdigit() else 0.0)
        raise RefusedError(message)
