"""What to do next: the first rule of an ordered table that fits."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rind.reports.settings import PlaybookRule

ANY = "*"


def choose(families: pd.Series, segments: pd.Series, bands: pd.Series, table: Sequence[PlaybookRule]) -> pd.Series:
    """The first matching rule's advice for every account.

    Parameters
    ----------
    families, segments, bands
        One value per account_id (the index, the same in all three): the family that drives the risk most
        (see `reports.sentences.strongest_family`), the segment and the risk band.
    table
        Rules in order of precedence.

    Returns
    -------
    pd.Series
        ``playbook``, one text per account_id; "" where no rule fits.
    """
    facts = pd.DataFrame({"family": families, "segment": segments, "band": bands}).reindex(families.index)
    chosen = pd.Series("", index=families.index, name="playbook", dtype="str")
    open_ = pd.Series(True, index=families.index)
    for rule in table:
        fits = open_.copy()
        for column, wanted in (("family", rule.family), ("segment", rule.segment), ("band", rule.band)):
            if wanted != ANY:
                fits &= facts[column].astype("object").eq(wanted)
        chosen[fits] = rule.do
        open_ &= ~fits
    return chosen
