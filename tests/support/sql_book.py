"""The second book put to the SQL: each decision case is a customer, decided by the compiled models of a release.

The customers have the measures of their cases and no history. Their measures are loaded where the models find them
(`int_customer__measures`), and the decision models run as in `fenceng simulate`. A mutant is a copy of its scheme under
a new name (`retail_tier~17`, with rules such as `RT-T4-AUM~17`), so that all mutants of a stage are decided in one run:
the schemes of a stage do not read one another, and the outcomes of earlier stages are those of the shipped rows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from expectations.policy.model import CLAUSES, RULE_FAMILIES, PolicyRows
from expectations.policy.sheets import CellValue, canonical_files
from expectations.project import POLICY_FOLDER
from fenceng.analysis.replay import (
    AWARDS,
    KEPT,
    MEASURE_VALUES,
    MEASURES,
    OUTCOME_VALUES,
    ROUTE_VALUES,
    RULES_MET,
    SOFT_CONDITIONS_MISSED,
    attach_databases,
    compiled_models,
    context_of,
    keep_results,
    published_before,
    run_models,
    seed_files,
)
from orchestration.store.releases import Release
from support.casebook import ON, Answer, DecisionCase, way
from support.mutants import Mutant

# A scheme and everything it depends on.
FAMILIES = ("policy_scheme", "policy_tier", *RULE_FAMILIES)
# The stage in which rules have soft conditions.
SOFT_STAGE = 2


class SqlBook:
    """The decision cases as customers of a release's models."""

    def __init__(self, release: Release, cases: Iterable[DecisionCase], policy: PolicyRows, scratch: Path) -> None:
        """Load the cases and decide them by the shipped rows. scratch: an empty folder for seed files."""
        self.cases = {f"C{number}": case for number, case in enumerate(cases)}
        self.stages = {row.text("scheme"): int(row.number("stage") or 0) for row in policy.rows["policy_scheme"]}
        self.schemas = policy.schemas
        self.scratch = scratch
        self.seeds = canonical_files(seed_files(POLICY_FOLDER), scratch / "shipped")
        self.compiled = compiled_models(release)
        self.connection = duckdb.connect(config={"threads": "1"})
        attach_databases(self.connection, self.compiled)
        self._load_customers(release)
        given = (
            {MEASURES: "select * from memory.main.customer"}
            | published_before(None, ON.replace(day=1))
            | context_of(ON, self.seeds)
        )
        decided = [*RULES_MET.values(), *AWARDS.values(), SOFT_CONDITIONS_MISSED]
        run_models(self.connection, self.compiled, decided, given, self.seeds)
        self.answers = {
            customer_id: answer
            for stage in RULES_MET
            for (customer_id, scheme), answer in self._answers(stage).items()
            if scheme == self.cases[customer_id].subject
        }
        earlier = [MEASURE_VALUES, ROUTE_VALUES, OUTCOME_VALUES]
        keep_results(self.connection, self.compiled, "shipped", earlier)
        self.given = given | {name: f"select * from memory.shipped.{name}" for name in earlier}

    def contradictions(self) -> dict[str, str]:
        """Case id -> what the shipped rows decide instead, for cases that they contradict."""
        said = {
            case.case_id: case.difference(self.answers.get(customer_id, Answer()))
            for customer_id, case in self.cases.items()
        }
        return {case_id: words for case_id, words in said.items() if words}

    def uncaught(self, mutants: Sequence[Mutant]) -> list[Mutant]:
        """The mutants that no case contradicts. Each changes a row of FAMILIES and keeps its scheme."""
        numbered = dict(enumerate(mutants))
        caught: set[int] = set()
        for stage in RULES_MET:
            mine = {n: one for n, one in numbered.items() if self.stages[one.row.text("scheme")] == stage}
            targets = [RULES_MET[stage], *([AWARDS[stage]] if stage in AWARDS else [])]
            targets += [SOFT_CONDITIONS_MISSED] if stage == SOFT_STAGE else []
            run_models(self.connection, self.compiled, targets, self.given, self.seeds | self._copies(stage, mine))
            answers = self._answers(stage)
            caught |= {
                number
                for number, mutant in mine.items()
                for scheme in [mutant.row.text("scheme")]
                for customer_id, case in self.cases.items()
                if case.subject == scheme
                and case.difference(answers.get((customer_id, f"{scheme}~{number}"), Answer()))
            }
        return [mutant for number, mutant in numbered.items() if number not in caught]

    def _load_customers(self, release: Release) -> None:
        published = KEPT[MEASURES]
        self.connection.execute(
            f"create table customer as {release.rows(published, release.months(published)[-1])} limit 0"
        )
        self.connection.execute("create table asked (customer_id varchar, subject varchar)")
        for customer_id, case in self.cases.items():
            values: dict[str, object] = {"customer_id": customer_id, "segment": case.segment}
            # An unknown age is a null that the models turn into a category.
            values |= {name: None if value == "unknown" else value for name, value in case.measures.items()}
            marks = ", ".join("?" * len(values))
            self.connection.execute(f"insert into customer ({', '.join(values)}) values ({marks})", [*values.values()])
            self.connection.execute("insert into asked values (?, ?)", [customer_id, case.subject])

    def _copies(self, stage: int, mutants: Mapping[int, Mutant]) -> dict[str, Path]:
        """Seed -> file, with a copy of the scheme for each mutant."""
        folder = self.scratch / f"stage_{stage}"
        folder.mkdir(exist_ok=True)
        files = {family: folder / f"{family}.csv" for family in FAMILIES}
        for family, file in files.items():
            with file.open("w", encoding="utf-8", newline="") as handle:
                writer = csv.DictWriter(handle, [*self.schemas[family].columns], lineterminator="\n")
                writer.writeheader()
                for number, mutant in mutants.items():
                    scheme = mutant.row.text("scheme")
                    for row in mutant.policy.rows[family]:
                        if row.text("scheme") == scheme:
                            cells = {name: _cell(value) for name, value in row.values.items()}
                            named = {name: f"{cells[name]}~{number}" for name in ("scheme", "rule_id") if name in cells}
                            writer.writerow(cells | named)
        return files

    def _answers(self, stage: int) -> dict[tuple[str, str], Answer]:
        """(customer, scheme or copy) -> decision, for the schemes of the customers' cases."""
        met: dict[tuple[str, str], list[tuple[str, str, bool, bool, str]]] = {}
        soft = "null"
        join = ""
        if stage == SOFT_STAGE:
            soft = "soft.soft_conditions_missed"
            join = f"left join {self._relation(SOFT_CONDITIONS_MISSED)} as soft using (customer_id, rule_id)"
        for customer_id, scheme, *rule in self.connection.execute(
            f"select met.customer_id, met.scheme, tier_code, route, met.is_assumed, met.is_gap_fill, {soft}"
            f" from {self._relation(RULES_MET[stage])} as met {join} inner join memory.main.asked"
            " on asked.customer_id = met.customer_id and asked.subject = split_part(met.scheme, '~', 1)"
            " order by met.tier_rank, met.is_gap_fill, met.is_assumed, met.rule_id"
        ).fetchall():
            met.setdefault((customer_id, scheme), []).append(tuple(rule))
        # A scheme that takes every rule has no award: its outcome is its rules'.
        awards = {
            key: (rules[0][0], all(rule[3] for rule in rules), all(rule[2] for rule in rules))
            for key, rules in met.items()
        }
        if stage in AWARDS:
            awards = {
                (customer_id, scheme): (tier_code, is_gap_fill, is_assumed)
                for customer_id, scheme, tier_code, is_gap_fill, is_assumed in self.connection.execute(
                    "select customer_id, scheme, tier_code, is_gap_fill, is_assumed"
                    f" from {self._relation(AWARDS[stage])} inner join memory.main.asked using (customer_id)"
                    " where subject = split_part(scheme, '~', 1)"
                ).fetchall()
            }
        return {
            key: Answer(_said(met.get(key, []), awards.get(key)), *awards.get(key, ("nothing", False, False)))
            for key in met.keys() | awards.keys()
        }

    def _relation(self, name: str) -> str:
        return self.compiled.nodes[name].relation


def _said(rules: Sequence[tuple[str, str, bool, bool, str]], award: tuple[str, bool, bool] | None) -> tuple[str, ...]:
    if not rules:
        return (f"{award[0]} by default" if award else "nothing",)
    return tuple(
        way(
            tier_code,
            route,
            ["assumed"] * is_assumed + ["gap"] * is_gap_fill,
            sorted(missed.split(CLAUSES)) if missed else [],
        )
        for tier_code, route, is_assumed, is_gap_fill, missed in rules
    )


def _cell(value: CellValue) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
