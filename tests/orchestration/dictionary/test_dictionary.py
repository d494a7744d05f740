"""The dictionary of a release: every column, label and link; and both contracts, valid by their standard's schema."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard
from support.browser import chromium, open_page
from support.dbt_files import MARTS, columns
from support.house import House, run_fenceng

from expectations.contract import load_contract
from expectations.project import PROJECT_ROOT
from orchestration.dictionary.catalogue import Catalogue, catalogue_of, landing_names
from orchestration.dictionary.data_contracts import write_contracts
from orchestration.report.html import script_hash
from orchestration.runtime.dbt import load_manifest, prepared_project
from orchestration.store.releases import Release

CONTRACT = yaml.safe_load((PROJECT_ROOT / "docs" / "contract" / "marts.yml").read_text(encoding="utf-8"))["tables"]
DELIVERED = load_contract().tables
NUMBERS = ("integer", "bigint", "double", "decimal")

needs_chromium = pytest.mark.skipif(chromium() is None, reason="no Chromium is installed")


class Page(HTMLParser):
    """The anchors, links and inline scripts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: set[str] = set()
        self.others: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.ids[found["id"]] += 1
        if tag == "a":
            self.links.add(found["href"])
        elif "src" in found or "href" in found:
            self.others.append(tag)


@pytest.fixture(scope="module")
def release(published_bank: House) -> Release:
    return Release((published_bank.published / "current").resolve())


@pytest.fixture(scope="module")
def file(release: Release) -> Path:
    return release.folder / "report" / "dictionary.html"


@pytest.fixture(scope="module")
def catalogue(release: Release) -> Catalogue:
    newest = release.manifest()["newest_business_date"]
    return catalogue_of(release, load_manifest(prepared_project()), date.fromisoformat(newest))


def test_every_column_has_an_entry_and_every_link_leads_somewhere(file: Path) -> None:
    page = Page(file.read_text(encoding="utf-8"))
    promised = {f"c-{table}.{column}" for table, agreed in CONTRACT.items() for column in agreed["columns"]}
    promised |= {f"c-{table.name}.{column.name}" for table in DELIVERED.values() for column in table.columns}
    assert promised == {name for name in page.ids if name.startswith("c-")}
    assert {name for name, count in page.ids.items() if count > 1} == set()
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside - page.ids.keys() == set()
    assert len(inside) > 250
    assert {link for link in page.links if not link.startswith("#")} == {"index.html"}


def test_the_page_of_the_release_links_to_it_and_the_manifest_seals_it(release: Release) -> None:
    page = Page((release.folder / "report" / "index.html").read_text(encoding="utf-8"))
    assert "dictionary.html" in page.links
    assert "report/dictionary.html" in release.manifest()["files"]


def test_it_asks_for_nothing(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.S)
    assert f"script-src '{script_hash(script)}'" in text
    assert "default-src 'none'" in text
    assert Page(text).others == []


def test_a_column_says_what_it_is(catalogue: Catalogue) -> None:
    marts = {table.name: {column.name: column for column in table.columns} for table in catalogue.marts}
    tier = marts["fct_customer_tier_monthly"]
    assert tier["tier_code"].codes[0].labels.keys() == {*["T0", "T1", "T2", "T3", "T4", "T5", "C0", "C1", "C2", "C3"]}
    assert (tier["financial_assets"].unit, tier["financial_assets"].text.zh) == ("CNY", "金融资产（元）")
    assert {"policy_aum_component", "policy_tier_rule"} <= set(tier["financial_assets"].families)
    assert "D2 s. 2" in tier["financial_assets"].clauses
    lift = marts["fct_campaign_result"]["lift_low"]
    assert (lift.families, len(lift.clauses)) == (["policy_parameter"], 1)
    cited = {ref for table in marts.values() for column in table.values() for ref in column.clauses}
    assert cited - catalogue.clauses.keys() - {"HOUSE"} == set()
    assert len(cited) > 20
    for table, agreed in CONTRACT.items():
        for name, column in marts[table].items():
            assert (column.type, column.nullable) == (agreed["columns"][name], name in agreed.get("nullable", []))
            meta = columns(table)[name]["config"]["meta"]
            assert (column.level, column.personal) == (meta["level"], meta["personal"])


def test_lineage_is_that_of_dbt(catalogue: Catalogue) -> None:
    for mart in MARTS:
        node = catalogue.nodes[mart]
        assert node.parents, mart
        for parent in node.parents:
            assert mart in catalogue.nodes[parent].children
    migration = {node.name for node in catalogue.upstream("fct_tier_migration_monthly")}
    assert {"customer", "account", "policy_tier_rule", "fct_customer_tier_monthly"} <= migration
    assert "visit" not in migration
    assert "fct_tier_migration_monthly" in {node.name for node in catalogue.downstream("customer")}
    assert catalogue.nodes["published.customer_tier_month"].published_as == "fct_customer_tier_monthly"


def test_every_delivered_column_has_its_names_and_none_is_left_over() -> None:
    names = landing_names()
    used = {
        key
        for table in DELIVERED.values()
        for column in table.columns
        for key in [(table.name, column.name) if (table.name, column.name) in names else ("*", column.name)]
    }
    assert used == names.keys()
    assert {key for key, text in names.items() if not text.en or not re.search("[\u4e00-\u9fff]", text.zh)} == set()


def test_every_delivered_code_has_a_label(catalogue: Catalogue) -> None:
    for table in catalogue.delivered:
        for column in table.columns:
            labels = {code: text for one in column.codes for code, text in one.labels.items()}
            assert labels.keys() == set(column.enum), f"{table.name}.{column.name}"
            assert {code for code, text in labels.items() if not re.search("[\u4e00-\u9fff]", text.zh)} == set()


def test_every_number_of_a_mart_has_a_unit(catalogue: Catalogue) -> None:
    for table in catalogue.marts:
        for column in table.columns:
            is_number = column.type.startswith(NUMBERS)
            assert (column.unit in catalogue.units) == is_number, f"{table.name}.{column.name}: {column.unit}"
    for delivered in catalogue.delivered:
        amounts = {c.name for c in DELIVERED[delivered.name].columns if c.is_money}
        assert {column.name for column in delivered.columns if column.name in amounts and not column.unit} == set()


@pytest.fixture(scope="module")
def contracts(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """File -> its content."""
    files = write_contracts(catalogue, tmp_path_factory.mktemp("odcs"))
    assert [OpenDataContractStandard.from_file(str(file)).kind for file in files] == ["DataContract"] * 2
    return {file.name.split(".")[0]: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}


@pytest.fixture(scope="module")
def schema() -> Any:
    """The validator of the standard, from the package of its maintainers."""
    standard = json.loads(OpenDataContractStandard.json_schema())
    return jsonschema.validators.validator_for(standard)(standard)


def test_contracts_are_valid_by_the_schema_of_their_standard(contracts: dict[str, Any], schema: Any) -> None:
    for name, contract in contracts.items():
        assert [error.message for error in schema.iter_errors(contract)] == [], name
    spoiled = copy.deepcopy(contracts["marts"])
    spoiled["schema"][0]["properties"][0]["logicalType"] = "text"
    assert len(list(schema.iter_errors(spoiled))) > 0


def test_contracts_say_what_the_project_promises(contracts: dict[str, Any]) -> None:
    marts = {table["name"]: table for table in contracts["marts"]["schema"]}
    assert marts.keys() == CONTRACT.keys()
    for name, agreed in CONTRACT.items():
        properties = marts[name]["properties"]
        assert {one["name"]: one["physicalType"] for one in properties} == agreed["columns"]
        assert {one["name"] for one in properties if not one.get("required")} == set(agreed.get("nullable", []))
        keyed = sorted((one for one in properties if one.get("primaryKey")), key=lambda one: one["primaryKeyPosition"])
        assert [one["name"] for one in keyed] in (agreed["grain"], [])
        assert bool(keyed) != bool(set(agreed["grain"]) & set(agreed.get("nullable", [])))
        assert marts[name]["quality"][0]["arguments"] == {"properties": agreed["grain"]}
    landing = {table["name"]: table for table in contracts["landing"]["schema"]}
    assert landing.keys() == DELIVERED.keys()
    for delivered in DELIVERED.values():
        properties = {one["name"]: one for one in landing[delivered.name]["properties"]}
        for column in delivered.columns:
            one = properties[column.name]
            assert one["classification"] == str(column.level)
            assert ("pii" in one.get("tags", [])) == column.pii
            assert tuple(value["value"] for value in one.get("enum", [])) == column.enum
            assert {"property": "personal", "value": column.personal} in one["customProperties"]
    account = next(one for one in landing["account"]["properties"] if one["name"] == "customer_id")
    assert account["relationships"] == [{"type": "foreignKey", "to": "customer.customer_id"}]


@needs_chromium
@pytest.mark.parametrize(
    ("asked", "width", "language", "said"),
    [
        ("?lang=zh&q=tier_movement", 390, "zh", "1张表，1个字段"),
        ("?lang=en&q=loan+risk_class", 1280, "en", "Columns: 1, tables: 1"),
        ("?lang=en&q=nothing_of_that_name", 1280, "en", "Nothing found"),
    ],
)
def test_a_browser_searches_it_without_a_request(
    file: Path, tmp_path: Path, asked: str, width: int, language: str, said: str
) -> None:
    opened = open_page(file, tmp_path, asked, width=width)
    assert opened.console == []
    assert opened.requests == []
    assert re.search(r'<html lang="(\w+)"', opened.dom)[1] == language  # type: ignore[index]
    assert re.search(r'<output id="found"[^>]*>([^<]*)<', opened.dom)[1] == said  # type: ignore[index]


@pytest.mark.slow
def test_the_command_writes_everything_into_one_folder(published_bank: House, tmp_path: Path) -> None:
    done = run_fenceng("docs", "--to", tmp_path / "docs", "--output", published_bank.output)
    assert done.returncode == 0, done.stderr
    page = Page((tmp_path / "docs" / "dictionary.html").read_text(encoding="utf-8"))
    beside = {link for link in page.links if not link.startswith("#")}
    assert beside == {"dbt.html", "odcs/landing.odcs.yaml", "odcs/marts.odcs.yaml"}
    assert all((tmp_path / "docs" / link).is_file() for link in beside)
    technical = (tmp_path / "docs" / "dbt.html").read_text(encoding="utf-8")
    assert "fct_customer_tier_monthly" in technical
    assert str(PROJECT_ROOT) not in technical
    refused = run_fenceng("docs", "--to", published_bank.published / "docs", "--output", published_bank.output)
    assert refused.returncode == 2
