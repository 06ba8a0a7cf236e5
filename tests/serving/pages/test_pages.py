from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from served import BROWSER, OWN, Site, accounts, listed, site

from benchmarks.made_results import make_results
from rind.pipelines.data import write
from rind.serving.problems import ProblemError

PAGES = ("/", "/watermelons", "/true-north", "/health-score", "/model", "/accounts/A00003")


@pytest.fixture(scope="module")
def here(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(results, tmp_path_factory.mktemp("access") / "access.sqlite", demo=True) as made:
        yield made


def read(here: Site, path: str, **headers: str) -> str:
    answer = here.client(**(BROWSER | headers)).get(path)
    assert answer.status_code == 200, answer.text[:2000]
    return answer.text


def test_the_list_shows_fifty_accounts_a_page_riskiest_first(here: Site, listing: pd.DataFrame) -> None:
    ids = list(listing.sort_values("rank")["account_id"])
    assert listed(read(here, "/")) == ids[:50]
    assert listed(read(here, "/?page=3")) == ids[100:]
    assert listed(read(here, "/?page=4")) == []


def test_the_filters_choose_what_they_say(here: Site, listing: pd.DataFrame) -> None:
    days = (pd.to_datetime(listing["term_ends_on"]) - pd.Timestamp("2026-06-29")).dt.days
    found = {
        "segment=enterprise": listing["segment"] == "enterprise",
        "csm=Ben+Carter": listing["csm"] == "Ben Carter",
        "band=red": listing["risk_band"] == "red",
        "renewal_within_days=60": (days >= 0) & (days <= 60),
        "watermelons=true": listing["watermelon"],
        "q=nOrTh+lo": listing["name"].str.lower().str.contains("north lo"),
        "band=red&csm=Ben+Carter": (listing["risk_band"] == "red") & (listing["csm"] == "Ben Carter"),
    }
    for query, chosen in found.items():
        assert chosen.any(), query
        assert listed(read(here, f"/?{query}")) == list(listing.loc[chosen, "account_id"])[:50], query


def test_a_form_that_sends_its_empty_fields_is_understood(here: Site, listing: pd.DataFrame) -> None:
    """As a browser without scripts sends it."""
    empty = "q=&segment=&csm=all&band=&renewal_within_days=&order="
    assert listed(read(here, f"/?{empty}")) == list(listing["account_id"])[:50]
    assert here.client().get(f"/risk-list.csv?{empty}").status_code == 200
    assert here.client().get("/v1/risk-list?renewal_within_days=").status_code == 200
    assert "Yours" not in read(here, "/health-score?usage=&amber_from=&segment=")


def test_the_columns_sort_both_ways(here: Site, listing: pd.DataFrame) -> None:
    by_money = listing.sort_values("mrr_at_risk", ascending=False, kind="stable")["account_id"]
    assert listed(read(here, "/?sort=mrr_at_risk")) == list(by_money)[:50]
    by_name = listing.sort_values("name", key=lambda name: name.str.lower(), kind="stable")["account_id"]
    assert listed(read(here, "/?sort=name&order=asc")) == list(by_name)[:50]


def test_what_is_at_stake_is_the_sum_of_the_list(here: Site, listing: pd.DataFrame) -> None:
    page = read(here, "/")
    assert f"{12 * listing['mrr_at_risk'].sum():,.0f}" in page
    own = listing[listing["csm"] == OWN]
    assert f"{12 * own['mrr_at_risk'].sum():,.0f}" in read(here, "/?csm=Amara+Okafor")


def test_numbers_and_dates_are_written_as_the_reader_writes_them(here: Site, listing: pd.DataFrame) -> None:
    total = f"{12 * listing['mrr_at_risk'].sum():,.0f}"
    german = read(here, "/", **{"accept-language": "de-DE,de;q=0.9,en;q=0.5"})
    assert total.replace(",", ".") in german
    assert "29.06.2026" in german
    assert "29 Jun 2026" in read(here, "/")


def test_intervals_and_dates_in_sentences_are_the_readers_too(tmp_path: Path) -> None:
    make_results(tmp_path, accounts=12, weeks=20)
    young = pd.read_parquet(tmp_path / "adoption.parquet")
    write(young.assign(next_step="1 more user before 2026-08-31, not 2026-02-31"), tmp_path / "adoption.parquet")
    run = json.loads((tmp_path / "run.json").read_text())
    del run["manifest"]
    (tmp_path / "run.json").write_text(json.dumps(run))
    with site(tmp_path, tmp_path / "access.sqlite", demo=True) as here:
        german = {"accept-language": "de-DE"}
        assert "0,81 (0,78 to 0,84)" in read(here, "/model", **german)
        assert "0.81 (0.78 to 0.84)" in read(here, "/model")
        for path in ("/true-north", f"/accounts/{young['account_id'].iloc[0]}"):
            assert "1 more user before 31.08.2026, not 2026-02-31" in read(here, path, **german)


def test_the_page_of_an_account_tells_its_row_reasons_past_and_peers(here: Site, listing: pd.DataFrame) -> None:
    row = listing.set_index("account_id").loc["A00003"]
    page = read(here, "/accounts/A00003")
    for said in (row["name"], row["reason_1"], row["reason_2"], row["playbook"], f"{row['churn_probability']:.0%}"):
        assert said in page
    assert "24 weeks since" in page
    assert "left within 90 days" in page
    assert "Two more users active on reports" in page  # it is in launch
    assert "First days" not in read(here, "/accounts/A00100")


def test_pictures_are_drawn_for_light_dark_and_narrow(here: Site) -> None:
    client = here.client(**BROWSER)
    light = client.get("/accounts/A00003/risk.svg")
    assert light.headers["content-type"] == "image/svg+xml"
    assert light.text.startswith('<svg role="img" aria-label=')
    assert "#1f2933" in light.text
    assert "#1f2933" not in client.get("/accounts/A00003/families.svg?theme=dark&narrow=true").text
    again = client.get("/accounts/A00003/risk.svg", headers={"if-none-match": light.headers["etag"]})
    assert again.status_code == 304


def test_a_picture_that_cannot_be_drawn_says_so_in_its_place(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_: object) -> str:
        raise ProblemError(503, "busy")

    with monkeypatch.context() as patch:
        patch.setattr(here.app.state.serving.pictures, "svg", fail)
        answer = here.client().get("/accounts/A00007/tickets.svg?theme=dark")
        assert (answer.status_code, answer.headers["content-type"]) == (503, "image/svg+xml")
        assert "cannot be drawn now" in answer.text
        assert "no-store" in answer.headers["cache-control"]
    assert here.client().get("/accounts/A00007/tickets.svg?theme=dark").status_code == 200


def test_the_last_weeks_stand_in_figures_under_their_picture(here: Site, results: Path) -> None:
    page = read(here, "/accounts/A00007")
    table = page[page.index("weeks in figures") :].split("</table>")[0]
    past = pd.read_parquet(results / "backtest.parquet").query("account_id == 'A00007'").iloc[::-1][:13]
    assert re.findall(r'<td class="n">([\d.]+)%</td>', table) == [
        f"{100 * risk:.{1 if risk < 0.0095 else 0}f}" for risk in past["churn_probability"]
    ]


def test_a_picture_that_the_browser_has_is_not_drawn_again(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client = here.client(**BROWSER)
    tag = client.get("/accounts/A00003/risk.svg").headers["etag"]
    monkeypatch.setattr(here.app.state.serving.pictures, "svg", lambda _: pytest.fail("it was drawn"))
    assert client.get("/accounts/A00007/usage.svg", headers={"if-none-match": tag}).status_code == 304


def test_proposed_weights_are_shown_with_the_bands_that_were_proposed_with_them(tmp_path: Path) -> None:
    make_results(tmp_path, accounts=60, weeks=24)
    said, run = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("health_score", "run"))
    del run["manifest"]
    (tmp_path / "run.json").write_text(json.dumps(run))
    in_red = []
    for bands in ({}, {"bands": {"proposed": {"amber_from": 100, "green_from": 100}}}):
        (tmp_path / "health_score.json").write_text(json.dumps(said | bands))
        with site(tmp_path, tmp_path / "access.sqlite", demo=True) as made:
            page = read(made, "/health-score")
        row = page[page.index("Accounts in red") :].split("</tr>")[0]
        in_red.append([int(share) for share in re.findall(r"(\d+)%</td>", row)])
    (today, proposed), (same, all_of_them) = in_red
    assert today == same
    assert proposed < 50
    assert all_of_them > 95


def test_the_bars_of_health_change_colour_where_the_bands_of_the_run_begin(tmp_path: Path) -> None:
    make_results(tmp_path, accounts=12, weeks=20)
    run = json.loads((tmp_path / "run.json").read_text())
    run["parameters"]["health"] |= {"amber_from": 30, "green_from": 80}
    (tmp_path / "run.json").write_text(json.dumps(run))
    with site(tmp_path, tmp_path / "access.sqlite", demo=True) as made:
        assert '<meter min="0" max="100" low="30.0" high="80.0"' in read(made, "/accounts/A00003")


def test_a_point_of_the_quadrant_opens_its_account(here: Site, listing: pd.DataFrame) -> None:
    page = read(here, "/watermelons")
    start = page.index("<svg role", page.index('id="picture"'))
    picture = page[start : page.index("</svg>", start)]
    assert set(accounts(picture)) == set(listing["account_id"])
    assert listed(page) == list(listing.loc[listing["watermelon"], "account_id"])[:50]


def test_a_segments_own_weights_can_be_tried_and_are_kept_while_others_are(tmp_path: Path) -> None:
    make_results(tmp_path, accounts=60, weeks=24)
    run = json.loads((tmp_path / "run.json").read_text())
    own = {"enterprise": {"weights": {"tickets": 70, "usage": 30}, "curves": {}}}
    run["parameters"]["health"] = (run["parameters"].get("health") or {}) | {"segments": own}
    (tmp_path / "run.json").write_text(json.dumps(run))
    history = pd.read_parquet(tmp_path / "backtest.parquet")
    known = history[history["churned"].notna()]
    big = known[known["segment"] == "enterprise"]
    with site(tmp_path, tmp_path / "access.sqlite") as here:
        browser = here.logged_in()
        page = browser.get("/health-score").text
        assert "Accounts of enterprise keep the weights of their own" in page
        page = browser.get("/health-score?segment=enterprise").text
        red = (0.7 * big["health_tickets"] + 0.3 * big["health_usage"] < 45).mean()
        assert f"{red:.0%}" in row_of(page, "Accounts in red")
        assert 'name="tickets" min="0" max="100" step="1" value="70"' in page
        page = browser.get("/health-score?segment=enterprise&tickets=0&usage=100").text
        assert f"{(big['health_usage'] < 45).mean():.0%}" in row_of(page, "Accounts in red")
        assert "Yours" in page
        assert browser.get("/health-score?segment=%27%20OR%201&amber_from=").status_code == 200


def row_of(page: str, title: str) -> str:
    """The cells of a row of a table."""
    return page[page.index(f'<th scope="row">{title}') :].split("</tr>", 1)[0]


def test_other_weights_are_recomputed_on_the_past(here: Site) -> None:
    page = read(here, "/health-score?usage=100&tickets=0&contacts=0&surveys=0&engagement=0&commercial=0&green_from=80")
    assert "Yours" in page
    assert "Yours" not in read(here, "/health-score")


def test_a_page_of_another_week_is_not_kept(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    make_results(folder, accounts=20, weeks=20, mark=" (first)")
    with site(folder, tmp_path / "access.sqlite", demo=True) as made:
        assert "(first)" in read(made, "/")
        make_results(folder, accounts=20, weeks=20, seed=8, mark=" (second)")
        assert made.store.refresh()
        page = read(made, "/")
    assert "(second)" in page
    assert "(first)" not in page


@pytest.mark.parametrize("path", PAGES)
def test_no_page_shows_a_raw_column_name_outside_code(here: Site, path: str) -> None:
    import re

    text = re.sub(r"<code>.*?</code>|<[^>]+>", " ", read(here, path), flags=re.S)
    assert not re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", text)
    assert not re.findall(r"\bnan\b|\bNone\b|\bNaT\b", text)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_one_heading_labelled_fields_and_texts_for_pictures(here: Site, path: str) -> None:
    import re

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


def test_the_search_and_the_reasons_of_young_accounts_stand_on_true_north(here: Site) -> None:
    html = read(here, "/true-north")
    assert re.search(r"(?i)mid market</th>.*?300.*?150.*?83\s*%.*?12\s*%", html, re.DOTALL)
    assert "6 people used the product (+0.2)" in html
