"""Every rule of the gates has a Chinese sentence, and no sentence is left without a rule."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from expectations.contract import load_contract
from expectations.policy.in_force import parameters
from expectations.project import PROJECT_ROOT
from expectations.rules import load_rules
from fenceng.words.findings import GATE_2, because, key_of, sentences

DAY = date(2026, 11, 2)
FILES = sorted((PROJECT_ROOT / "expectations").glob("gate_*/*.yml"))


def entries(file: Path) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load(file.read_text(encoding="utf-8")) if one["severity"] != "guard"]


def shares_a_sentence(file: Path, entry: dict[str, Any]) -> bool:
    return file.parent.name == "gate_2" and entry["severity"] == "block"


def test_each_rule_has_its_sentence_and_each_sentence_a_rule() -> None:
    named = {entry["rule"] for file in FILES for entry in entries(file) if not shares_a_sentence(file, entry)}
    assert named | {GATE_2} == set(sentences())


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_each_rule_written_out_finds_its_sentence(file: Path) -> None:
    names = {entry["rule"] for entry in entries(file) if not shares_a_sentence(file, entry)}
    for rule in load_rules(file, load_contract(), parameters(DAY)):
        if rule.severity == "guard" or (file.parent.name == "gate_2" and rule.severity == "block"):
            continue
        key = key_of(rule.rule_id)
        assert key in names, rule.rule_id
        said = because(rule.rule_id, rule.because, DAY, "zh")
        assert "$" not in said
        # English words are names: of columns, tables, options.
        assert not re.search(r"[a-z]+ [a-z]+", said), said
        assert re.search(r"[一-鿿]", said)
        assert because(rule.rule_id, rule.because, DAY, "en") == rule.because


def test_choices_and_parents_are_named_in_both_languages() -> None:
    for table in load_contract().tables.values():
        for column in table.columns:
            for what, named in (("enum", column.enum), ("reference", (column.ref,) if column.ref else ())):
                said = because(f"{table.name}.{column.name}.{what}", "", DAY, "zh")
                assert [name for name in named if name not in said] == [], said
