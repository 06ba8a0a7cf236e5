"""Codes of an app, and recovery codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from served import PASSWORD, QUICK

from rind.common.errors import UsageError
from rind.serving.access import second_factors
from rind.serving.access.access_file import Access
from rind.serving.access.second_factors import SecondFactors

NOW = 1_800_000_015  # the middle of a half-minute


@pytest.fixture
def access(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Access]:
    monkeypatch.setattr(second_factors.time, "time", lambda: NOW)
    with closing(Access(tmp_path / "access.sqlite", QUICK)) as opened:
        opened.users.add("jonas", PASSWORD, "viewer")
        yield opened


@pytest.fixture
def factors(access: Access) -> SecondFactors:
    return access.second_factors


def begun(factors: SecondFactors, user: str = "jonas") -> pyotp.TOTP:
    """The app of a user who has begun to set up the second factor."""
    factors.begin(user)
    return pyotp.TOTP(parse_qs(urlsplit(factors.uri(user)).query)["secret"][0])


def test_the_second_factor_is_on_once_a_code_confirmed_it(factors: SecondFactors) -> None:
    assert factors.of("jonas") is None
    app = begun(factors)
    assert not factors.is_on("jonas")
    assert factors.confirm("jonas", "000000") == []
    assert not factors.accept("jonas", app.at(NOW))  # it is not on yet
    codes = factors.confirm("jonas", f" {app.at(NOW)[:3]} {app.at(NOW)[3:]} ")
    assert len(set(codes)) == 10
    assert factors.is_on("jonas")
    assert factors.uri("jonas") == ""  # the secret is shown no more
    with pytest.raises(UsageError, match="switch it off"):
        factors.begin("jonas")


@pytest.mark.parametrize(("away", "counts"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_code_of_half_a_minute_ago_or_ahead_counts_and_no_other(
    factors: SecondFactors, away: int, counts: bool
) -> None:
    app = begun(factors)
    assert bool(factors.confirm("jonas", app.at(NOW + away))) == counts


def test_a_code_counts_once_and_so_does_every_one_before_it(
    factors: SecondFactors, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = begun(factors)
    assert factors.confirm("jonas", app.at(NOW))
    assert not factors.accept("jonas", app.at(NOW))
    assert not factors.accept("jonas", app.at(NOW - 30))
    assert factors.accept("jonas", app.at(NOW + 30))
    monkeypatch.setattr(second_factors.time, "time", lambda: NOW + 30)
    assert not factors.accept("jonas", app.at(NOW + 30))
    assert factors.accept("jonas", app.at(NOW + 60))


def test_a_recovery_code_counts_once_however_it_is_written_and_new_ones_end_the_old(factors: SecondFactors) -> None:
    codes = factors.confirm("jonas", begun(factors).at(NOW))
    assert factors.accept("jonas", codes[0])
    assert not factors.accept("jonas", codes[0])
    assert factors.accept("jonas", codes[1].replace("-", " ").upper())
    factor = factors.of("jonas")
    assert factor is not None
    assert factor.recovery_codes == 8
    renewed = factors.renew_recovery_codes("jonas")
    assert not factors.accept("jonas", codes[2])
    assert factors.accept("jonas", renewed[0])


@pytest.mark.parametrize(
    "code",
    [
        "",
        " ",
        "-",
        "12345",
        "1234567",
        "abc",
        "\uff11\uff12\uff13\uff14\uff15\uff16",
        "\udc80",
        "0" * 100,
        "' OR 1=1 --",
    ],
)
def test_what_is_no_code_is_refused(factors: SecondFactors, code: str) -> None:
    factors.confirm("jonas", begun(factors).at(NOW))
    assert not factors.accept("jonas", code)


def test_codes_are_good_for_their_own_user_only(access: Access, factors: SecondFactors) -> None:
    access.users.add("mia", PASSWORD, "viewer")
    app, other = begun(factors), begun(factors, "mia")
    codes = factors.confirm("jonas", app.at(NOW))
    factors.confirm("mia", other.at(NOW))
    assert not factors.accept("mia", app.at(NOW + 30))
    assert not factors.accept("mia", codes[0])


def test_the_file_holds_no_recovery_code_and_a_removed_user_leaves_nothing(access: Access) -> None:
    codes = access.second_factors.confirm("jonas", begun(access.second_factors).at(NOW))
    content = b"".join(path.read_bytes() for path in access.path.parent.glob("access.sqlite*"))
    assert not any(code.replace("-", "").encode() in content for code in codes)
    access.users.remove("jonas")
    for table in ("second_factors", "recovery_codes"):
        assert access.database.rows(f"SELECT * FROM {table}") == []


def test_a_reset_lets_the_password_alone_in_and_a_second_one_says_that_there_is_none(access: Access) -> None:
    access.second_factors.confirm("jonas", begun(access.second_factors).at(NOW))
    assert access.users.all()[0].second_factor != ""
    access.second_factors.reset("jonas")
    assert not access.second_factors.is_on("jonas")
    assert access.users.all()[0].second_factor == ""
    with pytest.raises(UsageError, match="no second factor"):
        access.second_factors.reset("jonas")
