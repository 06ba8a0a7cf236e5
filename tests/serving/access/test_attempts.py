"""How often a password may be tried."""

from __future__ import annotations

import pytest

from rind.serving.access.attempts import Attempts, network


def test_wrong_tries_count_for_a_name_at_an_address_in_any_case_of_letters() -> None:
    attempts = Attempts(2)
    assert [attempts.may_try(name, "192.0.2.1") for name in ("jonas", "Jonas", "JONAS")] == [True, True, False]
    assert attempts.may_try("mia", "192.0.2.1")
    assert attempts.may_try("jonas", "192.0.2.2")


def test_an_address_may_try_ten_times_as_often_with_all_names() -> None:
    attempts = Attempts(2)
    assert [attempts.may_try(str(n), "192.0.2.1") for n in range(21)] == [True] * 20 + [False]


def test_a_success_forgets_what_its_owner_mistyped_and_not_what_the_address_tried() -> None:
    attempts = Attempts(1)
    for _ in range(10):
        assert attempts.may_try("jonas", "192.0.2.1")
        attempts.succeeded("jonas", "192.0.2.1")
    assert not attempts.may_try("jonas", "192.0.2.1")


@pytest.mark.parametrize(("address", "known_as"), [
    ("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("2001:db8:1:2::9", "2001:db8:1:2::"),
    ("::ffff:192.0.2.1", "192.0.2.1"), ("", ""), ("unix:", "unix:"),
])  # fmt: skip
def test_who_has_one_address_of_ipv6_has_its_whole_network(address: str, known_as: str) -> None:
    assert network(address) == known_as
