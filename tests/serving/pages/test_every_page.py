"""What holds for every page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from served import BROWSER, Site, read, site

from benchmarks.made_results import make_results

PAGES = (
    "/", "/watermelons", "/true-north", "/health-score", "/model", "/books", "/book?csm=Amara%20Okafor",
    "/accounts/A00003", "/numbers", "/forecast", "/board", "/advocates", "/voice", "/personas", "/effects",
    "/sessions", "/second-factor",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_no_page_shows_a_raw_column_name_outside_code(here: Site, path: str) -> None:

    text = re.sub(r"<code>.*?</code>|<[^>]+>", " ", read(here, path), flags=re.S)
    assert not re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", text)
    assert not re.findall(r"\bnan\b|\bNone\b|\bNaT\b", text)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_one_heading_labelled_fields_and_texts_for_pictures(here: Site, path: str) -> None:

    page = read(here, path)
    assert len(re.findall(r"<h1[ >]", page)) == 1
    assert all('alt="' in image for image in re.findall(r"<img [^>]+>", page))
    for field in re.findall(r'<(?:input|select)(?![^>]*type="hidden")[^>]*>', page):
        label = re.search(r'id="([^"]+)"', field)
        inside = re.search(r"<label[^>]*>(?:(?!</label>).)*" + re.escape(field), page, flags=re.S)
        assert inside or (label and f'for="{label[1]}"' in page), field


@pytest.mark.parametrize("gone", ["previous_list.parquet", "backtest.parquet", "features.parquet", "metrics.json",
                                  "explanations.parquet", "adoption.parquet", "true_north.json", "health_score.json",
                                  "catalogue.json", "plots"])  # fmt: skip
def test_an_older_folder_without_some_results_is_shown_with_words(tmp_path: Path, gone: str) -> None:
    import shutil

    folder = tmp_path / "results"
    make_results(folder, accounts=20, weeks=20)
    (shutil.rmtree if gone == "plots" else Path.unlink)(folder / gone)
    run = json.loads((folder / "run.json").read_text())
    for part in ("manifest", "facts", "previous_as_of"):
        del run[part]
    (folder / "run.json").write_text(json.dumps(run))
    with site(folder, tmp_path / "access.sqlite", demo=True) as made:
        for path in PAGES:
            read(made, path)
        assert made.client().get("/v1/accounts/A00003").status_code == 200


def test_without_any_results_the_page_says_what_to_do(tmp_path: Path) -> None:
    with site(tmp_path, tmp_path / "access.sqlite", demo=True) as made:
        answer = made.client(**BROWSER).get("/")
        assert answer.status_code == 503
        assert "no complete results" in answer.text
        assert made.client().get("/readyz").status_code == 503
        assert made.client().get("/healthz").json() == {"status": "ok"}


MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"


@pytest.mark.parametrize("language", ["en-GB,en;q=0.9", "en-US,en"])
@pytest.mark.parametrize("path", PAGES)
def test_shares_days_and_money_have_one_form_everywhere(here: Site, path: str, language: str) -> None:
    page = re.sub(
        r"<(style|script|code|summary)\b.*?</\1>", " ", read(here, path, **{"accept-language": language}), flags=re.S
    )
    text = re.sub(r"<[^>]+>", " ", page)
    assert not re.findall(r"\d ?%", text), "a share is written 12\xa0%"
    assert not re.findall(rf"\b(?:{MONTHS})[a-z]* \d{{1,2}}\b(?!\d)", text), "a day is written 28 Jun 2026"
    assert not re.findall(r"\b\d{4}-\d{2}-\d{2}\b", text), "a day is written 28 Jun 2026"
    assert "MRR" not in text, "people read ARR"
