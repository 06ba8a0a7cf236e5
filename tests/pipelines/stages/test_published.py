"""What the list before said when it was published."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from rind.common.files import sha256
from rind.pipelines.data import write
from rind.pipelines.stages.published import published_before
from rind.pipelines.stages.risk_list import _as_published

WEEK, NEXT = date(2026, 6, 22), date(2026, 6, 29)


def standing(home: Path, as_of: date = WEEK, risk: float = 0.34, before: pd.DataFrame | None = None) -> Path:
    """A folder with a list, as run.json vouches for it."""
    home.mkdir(exist_ok=True)
    listed = pd.DataFrame({"account_id": ["a", "b"], "churn_probability": [risk, 0.1]})
    listed.to_parquet(home / "risk_list.parquet")  # of the columns that a list has, those that are read
    if before is not None:
        write(before, home / "published.parquet")
    files = {path.name: {"sha256": sha256(path)} for path in home.glob("*.parquet")}
    (home / "run.json").write_text(json.dumps({"as_of": str(as_of), "manifest": files}))
    return home


def test_the_list_that_stands_is_kept_with_its_day(tmp_path: Path) -> None:
    kept = published_before(standing(tmp_path), NEXT)
    assert kept.to_dict("list") == {
        "account_id": ["a", "b"], "as_of": [pd.Timestamp(WEEK)] * 2, "churn_probability": [0.34, 0.1],
    }  # fmt: skip


def test_a_week_that_is_made_again_keeps_the_list_before_it(tmp_path: Path) -> None:
    first = published_before(standing(tmp_path / "first"), NEXT)
    again = published_before(standing(tmp_path / "again", NEXT, 0.5, first), NEXT)
    pd.testing.assert_frame_equal(again, first)
    assert published_before(tmp_path / "again", WEEK).empty, "a run of the past sees no list of its day or later"


@pytest.mark.parametrize("fault", ["nothing", "half of a record", "no manifest", "another list", "no list"])
def test_what_run_json_does_not_vouch_for_was_not_published(tmp_path: Path, fault: str) -> None:
    home = standing(tmp_path)
    if fault in ("nothing", "half of a record", "no manifest"):
        (home / "run.json").write_text(
            {"nothing": "", "half of a record": "{", "no manifest": '{"as_of": "2026-06-22"}'}[fault]
        )
    elif fault == "another list":
        pd.DataFrame({"account_id": ["a"], "churn_probability": [0.9]}).to_parquet(home / "risk_list.parquet")
    else:
        (home / "risk_list.parquet").unlink()
    kept = published_before(home, NEXT)
    assert (len(kept), list(kept)) == (0, ["account_id", "as_of", "churn_probability"])


def test_only_a_list_of_the_very_day_stands_beside_todays_look_back(tmp_path: Path) -> None:
    earlier, published = pd.DataFrame({"account_id": ["a", "c"]}), published_before(standing(tmp_path), NEXT)
    probability = _as_published(earlier, published, WEEK)["published_probability"]
    assert probability.fillna(-1).tolist() == [0.34, -1]
    assert _as_published(earlier, published, date(2026, 6, 15))["published_probability"].isna().all()
