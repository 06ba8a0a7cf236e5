"""The body of POST /v1/score: what it may cost before it is refused."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from rind.serving.api.score_body import parsed
from rind.serving.problems import ProblemError


def test_texts_may_hold_braces_and_the_bound_on_accounts_is_met_exactly() -> None:
    rows = [{"account_id": "{[", "features": {}}, {"account_id": "A2", "features": {}}]
    assert parsed(json.dumps({"accounts": rows}).encode(), 2) == {"accounts": rows}
    with pytest.raises(ProblemError, match="2 accounts in one request; send at most 1"):
        parsed(json.dumps({"accounts": rows}).encode(), 1)


def members(count: int, value: str) -> str:
    return ",".join(f'"{n:x}":{value}' for n in range(count))


HUGE = {
    "a thousand accounts of a hundred unknown names": json.dumps(
        {"accounts": [{"features": {f"x{n}_{m}": 1 for m in range(100)}} for n in range(1000)]}
    ),
    "a million accounts": '{"accounts":[' + ",".join(['{"features":{}}'] * 2**20) + "]}",
    "a million wrong values": f'{{"accounts":[{{"features":{{{members(2**20, "1e999")}}}}}]}}',
    "a million wrong accounts": '{"accounts":[' + ",".join(["1"] * 2**20) + "]}",
    "a million members": f'{{"accounts":[{{"features":{{}},{members(2**20, "1")}}}]}}',
    "a million levels": "[" * 2**20,
}


@pytest.mark.parametrize("body", HUGE.values(), ids=HUGE.keys())
def test_a_body_costs_no_more_than_some_thirty_times_its_bytes_before_it_is_refused(body: str) -> None:
    """Peak of the memory that Python and its libraries in C ask for; a fresh process, since a peak never falls."""
    script = (
        "import resource, sys\n"
        "from rind.serving.api.score_body import checked, parsed, refuse_unknown_names\n"
        "from rind.serving.problems import ProblemError\n"
        "body = sys.stdin.buffer.read()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n"
        "    value = parsed(body, 5000)\n"
        "    refuse_unknown_names(value['accounts'], {'usage__events__28d'})\n"
        "    checked(value)\n"
        "except ProblemError as error:\n"
        "    print(error.status, len(str(error.body('/'))))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], input=body.encode(), capture_output=True, check=True)
    refusal, grown = done.stdout.decode().splitlines()
    status, length = map(int, refusal.split())
    assert status in (413, 422)
    assert length < 10_000
    assert int(grown) * 1024 < 30 * len(body) + 30 * 2**20
