"""The settings of deliveries."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    "wrong",
    [
        "csms={Ana: 'a@example.com\\nBcc: x@example.com'}",
        "csms={Ana: 'a@example.com, b@example.com'}",
        "csms={Ana: ana}",
        "leadership=['<a@example.com>']",
        "leadership=['ana@example..com']",
        "leadership=['ana@.com']",
        "leadership=['@example.com']",
        "leadership=['ana..b@example.com']",
        "leadership=['ana@-example.com']",
        "leadership=['ana@example.com\\r']",
        "sender=Rind",
        "base_url=http://rind.example.com",
        "base_url=javascript:alert(1)",
        "base_url=https://rind..example.com",
        "base_url=https://rind.example.com:99999",
        "base_url='https://rind.example.com|x>'",
        'base_url="https://rind.example.com/\\r\\nx"',
    ],
)
def test_an_address_that_is_none_is_refused(make_job: Any, wrong: str) -> None:
    with pytest.raises(Exception, match="parameters that cannot be used"):
        make_job(f"deliveries.{wrong}")
