"""The page What works."""

from __future__ import annotations

from pathlib import Path

from served import OWN, Site, read, site


def test_each_playbook_stands_with_effect_raw_comparison_overlap_placebo_and_money(here: Site) -> None:
    page = read(here, "/effects")
    for words in (
        "-4 points<small>(-7 to -1.2)</small>",
        "+0.21 days a week<small>(+0.05 to +0.37)</small>",
        "+3 points",
        "helps",
        "p = 0.60",
        "0 to 1 times",
        "2.7 times the cost",
    ):
        assert words in page
    assert "Cannot be told: too few accounts got it, or too few left, to tell.</p>" in page
    assert 'id="playbook1">Support sprint</h2>' in page


def test_whoever_sees_the_own_accounts_only_sees_the_sums_too(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", csm_sees="own_only") as strict:
        assert "Support sprint" in strict.logged_in("csm", OWN).get("/effects").text
