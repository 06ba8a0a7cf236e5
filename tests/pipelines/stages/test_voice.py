"""Advocates, voice and personas of a small finished run: what they wrote, and that no text went elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
from builders import snapshots
from builders import tables as company

from rind.pipelines.params import load
from rind.pipelines.stages import voice
from rind.pipelines.workspace import Workspace


def test_each_part_made_what_it_declares(small_run: Path) -> None:
    results = small_run / "results"
    run = json.loads((results / "run.json").read_text())
    assert not {"advocates", "voice", "personas"} & set(run["parts_missing"])
    advocates = pd.read_parquet(results / "advocates.parquet")
    assert set(advocates["kind"]) <= {"advocate", "expansion"}
    assert set(advocates["account_id"]) <= set(pd.read_parquet(results / "risk_list.parquet")["account_id"])
    assert len(json.loads((results / "advocates.json").read_text())["accounts"]) == len(advocates)
    personas = json.loads((results / "personas.json").read_text())
    assert {group["known"] for group in personas["groups"]} == {"signing", "first_90_days"}


def test_without_the_watermelons_the_voice_stands_and_has_no_post_mortem(duckdb_engine: Any, tmp_path: Path) -> None:
    left = {"account_id": "a", "left_on": "2025-06-01", "reason": "price"}
    spine, tables = snapshots(duckdb_engine, ("a", "2025-07-01")), company(duckdb_engine, departures=[left])
    space = Workspace(tmp_path, tmp_path)
    assert not space.green_churn.exists()
    post_mortem = voice.post_mortem(space, load(None), spine, tables, pd.DataFrame())
    assert post_mortem == {"reasons": [], "accounts": [], "departures": 0}


def test_what_customers_wrote_is_in_the_file_of_the_page_alone(small_run: Path) -> None:
    results = small_run / "results"
    comments = pd.read_parquet(small_run / "source" / "surveys.parquet")["comment"].dropna()
    long = [text for text in comments.unique() if len(text) > 30]
    assert long
    texts = json.loads((results / "voice_texts.json").read_text())
    quoted = {row["text"] for row in texts["sentences"]}
    assert quoted
    for path in (*results.glob("*.json"), *results.glob("*.csv"), *results.glob("*.html")):
        if path.name != "voice_texts.json":
            assert not any(text in path.read_text(encoding="utf-8") for text in long), path.name
    topics = pd.read_parquet(results / "voice.parquet")
    assert not any(topics[name].isin(long).any() for name in ("topic", "words"))
