"""The cookie of a sign-in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rind.serving.access.company_login import flows
from rind.serving.access.company_login.flows import FLOW_SECONDS, FlowError, Flows


def test_an_answer_with_the_state_of_its_cookie_counts_once() -> None:
    ours = Flows()
    flow = ours.begin("/model?x=1")
    assert ours.answered(flow.cookie, flow.state) == flow
    assert flow.target == "/model?x=1"
    with pytest.raises(FlowError, match="before"):
        ours.answered(flow.cookie, flow.state)


def test_state_nonce_and_verifier_differ_and_none_of_them_stands_in_the_cookie() -> None:
    ours = Flows()
    one, other = ours.begin("/"), ours.begin("/")
    parts = {one.state, one.nonce, one.verifier, other.state, other.nonce, other.verifier}
    assert len(parts) == 6
    assert not any(part in one.cookie + other.cookie for part in parts)
    assert all(43 <= len(part) <= 128 for part in parts)  # RFC 7636, 4.1


@pytest.mark.parametrize("change", ["state", "cookie", "other cookie", "other server", "empty", "junk"])
def test_any_other_pair_is_refused(change: str) -> None:
    ours = Flows()
    flow, other = ours.begin("/"), ours.begin("/")
    pairs = {
        "state": (flow.cookie, other.state), "cookie": ("x" + flow.cookie, flow.state),
        "junk": ("ü.\udc80..", "\udc80"),
        "other cookie": (other.cookie, flow.state), "empty": ("", ""),
        "other server": (lambda made: (made.cookie, made.state))(Flows().begin("/")),
    }  # fmt: skip
    with pytest.raises(FlowError):
        ours.answered(*pairs[change])


@pytest.mark.parametrize(("later", "counts"), [(FLOW_SECONDS, True), (FLOW_SECONDS + 1, False), (-2, False)])
def test_a_sign_in_waits_ten_minutes(monkeypatch: pytest.MonkeyPatch, later: int, counts: bool) -> None:
    monkeypatch.setattr(flows.time, "time", lambda: 1_000_000.0)
    ours = Flows()
    flow = ours.begin("/")
    monkeypatch.setattr(flows.time, "time", lambda: 1_000_000.0 + later)
    if counts:
        assert ours.answered(flow.cookie, flow.state)
    else:
        with pytest.raises(FlowError, match="too old"):
            ours.answered(flow.cookie, flow.state)


def test_answers_are_remembered_until_they_are_too_old_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Flows()
    for second in range(3):
        monkeypatch.setattr(flows.time, "time", lambda at=second * FLOW_SECONDS: 1e6 + at)
        flow = ours.begin("/")
        ours.answered(flow.cookie, flow.state)
    assert len(ours._answered) == 2


@given(st.text(max_size=1500))
def test_any_target_comes_back_or_is_the_first_page(target: str) -> None:
    ours = Flows()
    flow = ours.begin(target)
    fits = len(target.encode("utf-8", "surrogatepass")) <= 1000
    assert ours.answered(flow.cookie, flow.state).target == (target if fits else "/")
    assert flow.cookie.isascii()
    assert len(flow.cookie) < 2000
