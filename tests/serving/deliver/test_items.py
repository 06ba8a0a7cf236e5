"""Items and the names of their files."""

from __future__ import annotations

from datetime import date

import pytest

from rind.serving.deliver.items import Item, file_name, folder_name

DAY = date(2026, 3, 2)


def test_two_items_are_the_same_whatever_they_carry() -> None:
    item = Item(DAY, "mail", "csm Li", "li@example.com", b"a")
    assert item.key == Item(DAY, "mail", "csm Li", "li@example.com", b"b").key
    assert item.key != Item(DAY, "mail", "leadership", "li@example.com", b"a").key
    assert item.key != Item(DAY, "mail", "csm Li", "li@example.com", b"a", "Hearth & Co").key


@pytest.mark.parametrize(("label", "name"), [
    ("csm Li_li@example.com", "mail_csm_Li_li@example.com_2026-03-02.eml"),
    ("../../etc/passwd", "mail__.._etc_passwd_2026-03-02.eml"),
    ("Zoë|*?", "mail_Zoë____2026-03-02.eml"),
])  # fmt: skip
def test_a_file_name_leads_to_no_other_folder(label: str, name: str) -> None:
    assert file_name(Item(DAY, "mail", "", ""), label, "eml") == name


def test_a_file_name_is_no_longer_than_a_file_system_takes_and_long_ones_stay_apart() -> None:
    names = {
        file_name(Item(DAY, "mail", "", ""), f"csm {letter * 500}{end}", "eml") for letter in "a漢" for end in "xy"
    }
    assert len(names) == 4
    assert max(len(name.encode()) for name in names) < 200


def test_companies_have_folders_of_their_own() -> None:
    companies = ["Acme", "A/B", "A:B", "../Acme", "a" * 300, "a" * 301]
    assert len({folder_name(company) for company in companies}) == len(companies)
    assert folder_name("Acme") == "Acme"
    assert not [name for name in map(folder_name, companies) if "/" in name or name.startswith(".")]
