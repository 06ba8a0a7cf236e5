"""What answers of the provider mean that are no success."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from rind.serving.access.company_login.answers import ENDS_A_SESSION, SignInRefusedError, document_of, refuse
from rind.serving.access.company_login.metadata import ProviderError

URL = "https://login.example.com/token"


def answer(status: int, **content: Any) -> httpx.Response:
    return httpx.Response(status, request=httpx.Request("POST", URL), **content)


@pytest.mark.parametrize("code", ENDS_A_SESSION)
def test_a_refusal_of_the_person_ends_the_sign_in_whatever_its_status(code: str) -> None:
    with pytest.raises(SignInRefusedError, match=code):
        refuse(URL, answer(400, json={"error": code}))


@pytest.mark.parametrize("code", ["invalid_client", "invalid_request", "a\nline", {"code": 1}, None])
def test_a_refusal_of_our_request_is_ours_to_mend_and_quotes_no_more_than_a_code(code: Any) -> None:
    with pytest.raises(ProviderError) as raised:
        refuse(URL, answer(400, json={"error": code}))
    assert raised.value.message.endswith(code if code in ("invalid_client", "invalid_request") else "HTTP 400")


@pytest.mark.parametrize("content", [{"content": b"<html>"}, {"json": []}, {"json": None}, {"content": b"\xff"}])
def test_an_answer_without_a_json_object_is_no_answer(content: dict[str, Any]) -> None:
    with pytest.raises(ProviderError, match="no JSON object"):
        document_of(answer(200, **content))
