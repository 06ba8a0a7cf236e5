"""What several modelling stages need from the workspace and the parameters."""

from __future__ import annotations

import pytest

from rind.common.errors import UsageError
from rind.pipelines.params import load
from rind.pipelines.training_inputs import estimator


@pytest.mark.parametrize(
    ("name", "weight", "refused"),
    [
        ("sklearn.neighbors:KNeighborsClassifier", 0.5, True),
        ("sklearn.neighbors:KNeighborsClassifier", 1, False),
        ("sklearn.neighbors:KNeighborsClassifier", 0, False),
        ("sklearn.linear_model:LogisticRegression", 0.5, False),
    ],
)
def test_a_classifier_that_takes_no_weights_is_refused_where_rows_have_some(
    name: str, weight: float, refused: bool
) -> None:
    params = load(None, [f"model.estimator={name}", f"model.intervention_weight={weight}"])
    if refused:
        with pytest.raises(UsageError, match="takes no sample_weight"):
            estimator(params)
    else:
        assert estimator(params) is not None
