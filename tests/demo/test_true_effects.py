"""The planted effects of the playbooks: one works, one does nothing, one harms, and each goes to accounts at risk."""

from __future__ import annotations

import pytest

from rind.demo.company import DATA_END
from rind.demo.story import tell_story
from rind.demo.true_effects import intervention_effects
from rind.demo.true_risk import churn_probability

Planted = dict[str, dict[str, float]]


@pytest.fixture(scope="module")
def planted() -> Planted:
    story = tell_story(1000, 2.0, 11, "yearly", DATA_END)
    rows = intervention_effects(story.scenario, story.world)
    means = rows.assign(effect=rows["p_90_with"] - rows["p_90_without"]).groupby("playbook").mean(numeric_only=True)
    world = story.world
    usual = churn_probability(story.scenario, world.births, world.history, world.clock)["p_90"].mean()
    return {str(name): {**row, "usual": float(usual)} for name, row in means.to_dict("index").items()}


def test_the_support_sprint_works_the_discount_harms_and_the_success_plan_does_nothing(planted: Planted) -> None:
    assert planted["support_sprint"]["effect"] < -0.03
    assert planted["discount"]["effect"] > 0.05
    assert planted["success_plan"]["effect"] == 0


def test_accounts_at_risk_get_them_so_that_the_raw_comparison_of_what_works_has_the_wrong_sign(
    planted: Planted,
) -> None:
    for playbook in planted.values():
        assert playbook["p_90_without"] > 1.5 * playbook["usual"]
    assert planted["support_sprint"]["p_90_with"] > planted["support_sprint"]["usual"]


def test_in_the_null_company_no_playbook_does_anything() -> None:
    story = tell_story(150, 1.0, 11, "null", DATA_END)
    rows = intervention_effects(story.scenario, story.world)
    assert len(rows) > 20
    assert (rows["p_90_with"] == rows["p_90_without"]).all()
