from __future__ import annotations

import numpy as np
import pytest
from launch_accounts import AS_OF, LAUNCH, account, did, table

from rind.models.adoption.landmarks import LANDMARK, landmark_rows


@pytest.mark.parametrize(("age", "landmarks"), [(13, []), (14, [14]), (29, [14]), (30, [14, 30])])
def test_a_row_of_the_model_holds_a_landmark_that_the_account_has_passed(age: int, landmarks: list[int]) -> None:
    rows = landmark_rows(did(("x", 14, 2)), table(account("x", age, age_days=age)), (14, 30), LAUNCH.success)
    assert rows[LANDMARK].tolist() == landmarks
    assert rows["churned"].isna().all()
    assert (rows["as_of"] <= AS_OF).all()


@pytest.mark.parametrize(("age", "known"), [(425, False), (426, True)])
def test_who_left_counts_only_once_all_of_its_cohort_is_known(age: int, known: bool) -> None:
    rows = landmark_rows(did(), table(account("x", age, 100, age_days=age)), (14,), LAUNCH.success)
    assert rows["churned"].tolist() == pytest.approx([1.0 if known else np.nan], nan_ok=True)


def test_what_the_contract_says_is_empty_at_landmarks_before_it_was_put_on_record() -> None:
    accounts = table(account("x", 40, age_days=40, contract_day=14))
    rows = landmark_rows(did(("x", 14, 2)), accounts, (14, 30), LAUNCH.success)
    assert rows["start__plan__now"].isna().tolist() == [True, False]
    assert rows["start__seats__now"].isna().tolist() == [True, False]
    assert rows["start__segment__now"].tolist() == ["a", "a"]
