from __future__ import annotations

import re
from pathlib import Path

import yaml

from rind.features.mapping.registry import system_names
from rind.features.mapping.spec import Column, Input, Spec
from tests.features.mapping.exports import drafted, rows_of, write_csv

ROOT = Path(__file__).parents[3]
MAPPING = (ROOT / "docs/mapping.md").read_text(encoding="utf-8")
EXPORTS = (ROOT / "docs/your-own-exports.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_example_of_mapping_yaml_is_one_and_every_key_is_described() -> None:
    (example,) = blocks(MAPPING, "yaml")
    Spec.model_validate(yaml.safe_load(example))
    for model in (Spec, Input, Column):
        for name, field in model.model_fields.items():
            assert f"`{field.alias or name}`" in MAPPING or f"{field.alias or name}:" in MAPPING


def test_every_helper_is_described() -> None:
    helpers = (ROOT / "features/mapping/helpers.sql").read_text(encoding="utf-8")
    for name in re.findall(r"create macro (\w+)", helpers):
        assert f"{name}(" in MAPPING or name == "bare_number"


def test_every_system_has_its_page() -> None:
    assert {p.stem for p in (ROOT / "docs/sources").glob("*.md")} == {*system_names(), "README"}


def test_the_parts_that_a_person_adds_by_hand_work_as_described(tmp_path: Path) -> None:
    companies = "Record ID;Company name;Create Date;Lifecycle Stage\n9469923719;Cobalt;25.10.2022 11:25;Customer\n9999999999;COBALT;25.10.2022 11:25;Customer"
    write_csv(tmp_path / "exports", "hubspot_companies.csv", companies)
    drafted(tmp_path, "hubspot")
    write_csv(tmp_path / "exports", "cs_health.csv", "Firmen-ID;Stand;Score\n9999999999;22.11.2026;97,7")
    rates, inputs = blocks(EXPORTS, "yaml")
    assert Spec.model_validate(yaml.safe_load(rates)).rates == {"USD": 0.9}
    (sql,) = blocks(EXPORTS, "sql")
    mapping = tmp_path / "mapping"
    text = (mapping / "mapping.yaml").read_text()
    (mapping / "mapping.yaml").write_text(text.replace("inputs:\n", "inputs:\n" + inputs.replace(".xlsx", ".csv"), 1))
    (mapping / "health_scores.sql").write_text(sql)
    assert rows_of(mapping, "health_scores", "account_id", "score") == [("9999999999", 97.7)]
    (line,) = re.findall(r"`(union all select '9999999999'.*?)`", EXPORTS)
    ids = (mapping / "account_ids.sql").read_text()
    (mapping / "account_ids.sql").write_text(ids.replace("),\nlinks(", f"    {line}\n),\nlinks("))
    assert rows_of(mapping, "health_scores", "account_id", "score") == [("9469923719", 97.7)]
    assert rows_of(mapping, "accounts", "account_id") == ["9469923719"]
