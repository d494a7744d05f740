"""What a rule of a gate says, in the language of the command."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from string import Template

from expectations.contract import load_contract
from expectations.findings import Finding
from expectations.policy.in_force import parameters
from expectations.yaml_files import read_yaml
from fenceng.words.phrasebook import Language

# The sentence of every blocking rule of gate 2, and of a rule that an older version recorded.
GATE_2 = "gate_2"


def because(rule_id: str, english: str, on: date, language: Language) -> str:
    """Return why a rule refuses or doubts rows.

    english: as the gate recorded it. on: business date, for the policy's parameters in the sentence.
    """
    if language == "en":
        return english
    return Template(sentences()[key_of(rule_id)]).safe_substitute(parameters(on) | _of_contract(rule_id))


def finding_in_words(finding: Finding, on: date, language: Language) -> str:
    """Return a finding as a sentence. Its detail is facts of the delivery, as found: dates, files, counts, columns."""
    if language == "en":
        return str(finding)
    rows = f"，{finding.rows:,}条" if finding.rows else ""
    detail = f"（{finding.detail}）" if finding.detail else ""
    why = because(finding.rule_id, finding.because, on, language)
    return f"{finding.table}{rows}：{why} [{finding.rule_id}]{detail}"


def key_of(rule_id: str) -> str:
    """Return the key of a rule's sentence: the rule itself, or the one that is written for many columns or tables."""
    known = sentences()
    _, _, inside = rule_id.partition(".")
    _, _, what = inside.partition(".")
    candidates = (rule_id, f"$table.{inside}", f"$table.$column.{what}")
    return next((one for one in candidates if one in known), GATE_2)


def _of_contract(rule_id: str) -> dict[str, str]:
    """What the landing contract says of the column of a rule, such as `account.status.enum`; empty without one."""
    name, _, inside = rule_id.partition(".")
    table = load_contract().tables.get(name)
    columns = table.columns if table else ()
    for column in columns:
        if column.name == inside.partition(".")[0]:
            # As the gates do: a parent of the same table need only have been received.
            state = "接收的" if column.ref == name else "通过检查的"
            return {
                "type": column.type,
                "choices": "、".join(column.enum),
                "parent": f"{state}{column.ref}记录",
                "period": {"month": "月份", "year": "年度"}.get(column.first_of or "", "期间"),
            }
    return {}


@cache
def sentences() -> Mapping[str, str]:
    """Return rule -> sentence in Chinese."""
    found: Mapping[str, str] = read_yaml(Path(__file__).with_name("findings.yml"))
    return found
