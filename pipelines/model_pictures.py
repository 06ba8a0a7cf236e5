"""What a trained model's scores rest on, drawn with SHAP's own plots."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from rind.models.churn.scorer import Scorer
from rind.pipelines.data import read, read_json
from rind.pipelines.workspace import Workspace
from rind.reports import shap_pictures
from rind.reports.review import attributions_of

MOST_EXPLAINED = 500
"""Accounts in the picture, the first ones by id: more dots show nothing more."""


def draw_model(space: Workspace, folder: Path) -> list[Path]:
    """Draw the new model's SHAP values of the newest date into a folder; return the paths."""
    newest = read(space.features, ["as_of"])["as_of"].max().date()
    rows = read(space.features, days=[newest]).sort_values("account_id").head(MOST_EXPLAINED)
    shap_values, base = Scorer.load(space.model, trusted=None).contributions(rows)
    catalogue = pd.DataFrame(read_json(space.catalogue)["features"])
    return shap_pictures.draw(attributions_of(shap_values, base, rows, catalogue), folder)
