"""When a playbook can be judged, and what counts as shown."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rind.common.settings import Count, OpenShare, Section


class EffectSettings(Section):
    """Limits of what is said of a playbook.

    Parameters
    ----------
    fewest_accounts
        Accounts that got it, needed to judge.
    fewest_left
        Accounts that left, of those that got it and of the comparable ones together, needed to judge.
    comparable_per_start
        Rows without an intervention that are drawn for each start, on its date.
    folds
        Parts of the accounts; each is judged by models of the others.
    most_likely
        Starts, and comparable rows, whose chance to get the playbook is larger are left out.
    fewest_alike
        Starts are left out, too, where fewer untreated rows had at least their chance to get it.
    most_dropped
        Where a larger share of the starts is left out, nothing is said.
    error_rate
        Chance of a false claim, of all playbooks together.
    least_placebo_p
        Below this p-value the placebo test has failed.
    """

    fewest_accounts: Count
    fewest_left: Count
    comparable_per_start: Count
    folds: Annotated[int, Field(ge=2)]
    most_likely: OpenShare
    fewest_alike: Count
    most_dropped: OpenShare
    error_rate: OpenShare
    least_placebo_p: OpenShare
