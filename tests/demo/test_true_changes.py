"""The planted probabilities of a smaller and a larger contract come true as often as they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rind.demo.clock import FAR
from rind.demo.company import DATA_END
from rind.demo.ledger import monthly_price
from rind.demo.story import Story, tell_story
from rind.demo.true_changes import mrr_change_probability

HORIZON, GRACE = 90, 30


def happened(story: Story) -> pd.DataFrame:
    """By the contract book alone: one row an account and every eighth Monday: contraction, expansion."""
    births, rows, clock = story.world.births, story.contracts, story.world.clock
    rows = rows.assign(
        mrr=monthly_price(
            story.scenario, births, *(rows[c].to_numpy() for c in ("account", "plan", "seats"))
        ).to_numpy()
    )
    frames = []
    for monday in clock.mondays[::8]:
        if monday + HORIZON + GRACE >= clock.end:
            break
        now = rows[(rows["start"] <= monday) & (rows["end"] > monday) & (rows["notice"] >= monday)]
        later = rows[(rows["start"] > monday) & (rows["start"] <= monday + HORIZON)]
        change = later.merge(now[["account", "mrr"]], on="account", suffixes=("", "_now"))
        ratio = change["mrr"] / change["mrr_now"]
        lasts = rows.groupby("account")["end"].max().reindex(now["account"]).to_numpy()
        next_start = rows[rows["start"] > monday].groupby("account")["start"].min().reindex(now["account"])
        next_start = next_start.fillna(FAR).to_numpy()
        end = now["end"].to_numpy()
        stays = (lasts > monday + HORIZON) & ((end > monday + HORIZON) | (next_start - end <= GRACE))
        who = now["account"].to_numpy()
        frames.append(
            pd.DataFrame(
                {
                    "account_id": births.ids[who], "as_of": np.datetime64(int(monday), "D"),
                    "contraction": stays & np.isin(who, change.loc[ratio <= 0.9 + 1e-9, "account"]),
                    "expansion": stays & np.isin(who, change.loc[ratio >= 1.1 - 1e-9, "account"]),
                }
            )
        )  # fmt: skip
    return pd.concat(frames).astype({"as_of": "datetime64[us]"})


@pytest.mark.parametrize("scenario", ["yearly", "monthly"])
def test_of_those_with_probability_p_a_share_p_shrinks_or_grows(scenario: str) -> None:
    story = tell_story(1500, 3.0, 11, scenario, DATA_END)
    world = story.world
    truth = mrr_change_probability(story.scenario, world.births, world.history, world.clock)
    rows = happened(story).merge(truth.astype({"as_of": "datetime64[us]"}), on=["account_id", "as_of"])
    for name in ("contraction", "expansion"):
        planted = rows[f"{name}_90"]
        assert rows[name].mean() == pytest.approx(planted.mean(), rel=0.15)
        fifths = rows.groupby(pd.qcut(planted, 5, labels=False))
        share, chance = fifths[name].mean(), fifths[f"{name}_90"].mean()
        error = np.sqrt(chance * (1 - chance) / fifths.size() * 3)  # successive dates of an account are nearly copies
        assert ((share - chance).abs() < 4 * error + 0.1 * chance).all(), (name, share.tolist(), chance.tolist())
        assert share.iloc[-1] > 3 * share.iloc[0]


def test_whoever_has_given_notice_changes_nothing_any_more() -> None:
    story = tell_story(200, 1.5, 3, "yearly", DATA_END)
    history, clock = story.world.history, story.world.clock
    truth = mrr_change_probability(story.scenario, story.world.births, history, clock)
    week, account = np.nonzero(history.noticed & history.alive)
    gone = set(zip(story.world.births.ids[account], clock.mondays[week], strict=True))
    days = truth["as_of"].to_numpy().astype("datetime64[D]").astype("int64")
    noticed = [key in gone for key in zip(truth["account_id"], days, strict=True)]
    assert sum(noticed) > 50
    assert (truth.loc[noticed, ["contraction_90", "expansion_90"]] == 0).all().all()
