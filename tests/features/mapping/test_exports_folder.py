"""The made-up exports of a whole company, with the mess left in, where they are on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from rind.features.mapping.drafting import draft
from rind.features.sources import open_source
from tests.features.mapping.exports import rows_in

EXPORTS = next((p / "shared/exports" for p in Path(__file__).parents if (p / "shared/exports").is_dir()), None)


@pytest.mark.skipif(EXPORTS is None, reason="the exports folder is not on this machine")
def test_the_exports_of_a_company_become_its_tables_without_a_change_by_hand(tmp_path: Path) -> None:
    written = draft(["stripe", "hubspot", "zendesk", "segment", "delighted", "columns"], str(EXPORTS), tmp_path / "m")
    assert written.unread == ()
    assert written.rows["accounts"] == 501  # 502 companies, one of which stands twice
    assert written.rows["usage"] == 297368  # those of merged companies too
    assert written.rows["tickets"] == 7408 - 136 - 64  # deleted; merged, one of which is deleted too
    assert written.rows["invoices"] == 8034 - 70 - 34  # credit notes; void
    assert written.rows["health_scores"] == 5011
    with open_source(tmp_path / "m") as source:
        longest = "max(date_diff('day', starts_on, term_ends_on))"
        assert rows_in(source, "subscriptions", longest) == [366]
        broken = "count(*) filter (term_ends_on < starts_on or ended_on <= starts_on or mrr is null)"
        assert rows_in(source, "subscriptions", broken) == [0]
        assert rows_in(source, "subscriptions", "round(sum(mrr) filter (kind = 'paid' and ended_on is null), 2)") == [
            319726.18
        ]
