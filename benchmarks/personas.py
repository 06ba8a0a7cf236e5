"""Are planted traits found, and is none claimed where there is none?

`python -m benchmarks.personas [companies]` makes companies of 1,200 accounts that no test uses: in one half the
accounts of one industry, or small ones of one region, leave more; in the other half nothing separates them.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from rind.models.book.personas import find_personas
from rind.pipelines.params import load

ACCOUNTS, FIRST_SEED = 1200, 7000


def company(seed: int, planted: bool) -> tuple[pd.DataFrame, pd.DataFrame, set[str]]:
    """Accounts with their outcome, their traits, and the traits that were planted."""
    rng = np.random.default_rng(seed)
    traits = pd.DataFrame(
        {
            "industry": rng.choice(["media", "retail", "health", "finance", "software"], ACCOUNTS),
            "region": rng.choice(["europe", "americas", "asia"], ACCOUNTS),
            "employees": rng.lognormal(4, 1, ACCOUNTS).round(), "seats": rng.lognormal(2.5, 0.8, ACCOUNTS).round(),
            "plan": rng.choice(["starter", "team", "business"], ACCOUNTS),
        },
        index=[f"a{n}" for n in range(ACCOUNTS)],
    )  # fmt: skip
    one = seed % 2 == 0
    inside = traits["industry"] == "media" if one else (traits["region"] == "europe") & (traits["employees"] < 50)
    rate = np.where(inside & planted, 0.32, 0.14)
    signed = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 900, ACCOUNTS), unit="D")
    churned = pd.array(rng.random(ACCOUNTS) < rate, dtype="boolean")
    names = {"industry"} if one else {"region", "employees"}
    return pd.DataFrame({"signed_on": signed, "churned": churned}, index=traits.index), traits, names


def main(companies: int) -> int:
    """Print found, wrong and false; 1 where fewer than 70 % are found or more than 10 % are false."""
    settings = load(None, []).personas
    recovered = wrong = false = 0
    for seed in range(FIRST_SEED, FIRST_SEED + companies):
        for planted in (True, False):
            accounts, traits, names = company(seed, planted)
            rows = find_personas(accounts, {"signing": traits}, ("churned",), settings, 7)["personas"]
            confirmed = [{c["trait"] for c in row["conditions"]} for row in rows if row["confirmed"]]
            recovered += planted and any(traits_of & names for traits_of in confirmed)
            wrong += planted and any(not traits_of & names for traits_of in confirmed)
            false += not planted and bool(confirmed)
    print(f"planted traits: found in {recovered} of {companies} companies; another rule stood in {wrong}")
    print(f"null companies: a rule stood in {false} of {companies}")
    return int(recovered < 0.7 * companies or false > 0.1 * companies)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
