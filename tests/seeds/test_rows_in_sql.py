"""The models notice every row that decides: taken out, or with a flag turned, some published table differs.

test_cases_sql.py asks the decision models about rules, tiers and schemes, with the book's own cases. The other families
decide what is measured, who must visit and what counts; no case can state that without a bank. So each of their mutants
runs through the models on the accepted rows of the made-up bank, whose marts over four closes the independent reference
has confirmed: a mutant that changes nothing there would pass unseen.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from support.house import CLOSES, House
from support.mutants import Mutant, mutants

from expectations.policy.model import RULE_FAMILIES, Row
from expectations.policy.reading import load_policy
from expectations.policy.sheets import policy_schemas
from fenceng.analysis.replay import attach_databases, compiled_models, policy_of, run_models, seed_files
from orchestration.database import connect, path_literal
from orchestration.store.compiled_models import CompiledModels, Node
from orchestration.store.releases import Release

pytestmark = pytest.mark.nightly

ON = CLOSES[-1]
ASKED_OF_THE_BOOK = (*RULE_FAMILIES, "policy_tier", "policy_scheme")
KINDS = ("removed", "flag", "bound")
# Families whose numbers are moved by one in their last place, too.
SHIFTED = (
    "policy_action", "policy_beside_role", "policy_concentration", "policy_contact_frequency", "policy_parameter",
    "policy_profile_field", "policy_ranking", "policy_season", "policy_star", "policy_visit_signal",
)  # fmt: skip
PARAMETERS = "policy_parameter"
# What a refresh says of itself and of its delivery rests on no policy.
OF_THE_RUN = ("dim_label", "dim_month", "fct_held_back_monthly", "fct_quarantine", "fct_refresh_run")
# Columns that say where a row comes from, and decide nothing.
SAYS_WHERE_FROM = "is_gap_fill"
# Families that no model reads, and who does.
NOT_READ = {
    "policy_article": "`fenceng explain` and `policy diff` quote it",
    "policy_document": "`fenceng explain` quotes it",
    "policy_measure": "the linter proves by it that the rules leave no hole",
}
COMPANY_KINDS = (
    "ANNIVERSARY", "BALANCE_DROP", "FALLING_BELOW", "LARGE_INFLOW", "LARGE_OUTFLOW", "LOAN_MATURING",
    "NEAR_NEXT_TIER", "PRODUCT_MATURING", "STATEMENT_STALE", "VISIT_BEHIND",
)  # fmt: skip
PARAMETERS_UNSEEN = (
    "appraisal_grace_months", "burst_days", "confidence_high", "confidence_medium", "contribution_window_months",
    "first_full_day_of_month", "flip_window_months", "high_level_visit_months", "org_peer_minimum",
    "visit_behind_contacts",
)  # fmt: skip
# Rows whose change is not seen, why, and which they are; None: all of the family.
UNSEEN: dict[str, tuple[str, set[str] | None]] = {
    "policy_action": (
        "a company needs no consent; few customers without a telephone are due for each kind, and nobody's flow is an"
        " amount of the rows less a fen: the unit tests of int_action__* and fct_customer_action ask for each row, flag"
        " and number",
        {
            *(f"AC-{kind}-CORPORATE needs_consent" for kind in COMPANY_KINDS),
            *(f"AC-{kind}-CORPORATE needs_phone" for kind in COMPANY_KINDS if kind != "VISIT_BEHIND"),
            *(f"AC-{kind}-RETAIL needs_phone" for kind in (
                "ANNIVERSARY", "BALANCE_DROP", "BIRTHDAY", "LARGE_INFLOW", "LARGE_OUTFLOW", "LOAN_MATURING",
            )),
            *(f"AC-{kind}-RETAIL needs_consent" for kind in ("BALANCE_DROP", "LARGE_INFLOW", "LARGE_OUTFLOW")),
            "AC-ANNIVERSARY-CORPORATE days_ahead", "AC-ANNIVERSARY-CORPORATE priority",
            "AC-CONTACT_DUE-RETAIL days_ahead", "AC-LARGE_INFLOW-CORPORATE amount_floor",
            "AC-LARGE_INFLOW-RETAIL amount_floor",
        },
    ),
    "policy_concentration": (
        "nobody has a million less a fen", {"CO-BAND-50K-1M-RETAIL upper"}
    ),
    "policy_star": ("all customers have one star at least, whatever its share", {"ST-STAR-1 top_share"}),
    "policy_capacity": (
        "nobody of these roles maintains a customer",
        {
            f"CP-CUSTOMERS-{post}"
            for post in (
                "BRANCH-ACCOUNT-MANAGER", "BRANCH-PRESIDENT", "BRANCH-VICE-PRESIDENT", "CORPORATE-DEPARTMENT-HEAD",
                "OUTLET-DEPUTY-HEAD",
            )
        },
    ),
    "policy_parameter": (
        "nobody's value lies between the number and the next; the unit tests of the models that read it ask",
        {*(f"{name} number_value" for name in PARAMETERS_UNSEEN), "visit_behind_contacts"},
    ),
    "policy_route": ("the rules name their routes themselves; the linter refuses one that is not listed", None),
    "policy_segment": (
        "no customer is of this type of institution", {"SG-DESIGN-INSTITUTE", "SG-HOSPITAL", "SG-SCHOOL"}
    ),
    "policy_size_basis": (
        "of every institution it is known whether it has credit, and of every borrower its capital",
        {
            "SB-CREDIT-CAPITAL is_named_when_unknown", "SB-INSTITUTION-CREDIT is_named_when_unknown",
        },
    ),
    "policy_statement_kind": (
        "no company was founded this year",
        {
            "SK-NEW-ANNUAL", "SK-NEW-ANNUAL is_established_this_year", "SK-NEW-INTERIM",
        },
    ),
    "policy_visit_frequency": (
        "of every company it is known whether it is managed together",
        {
            f"VF-{who} co_managed_when_unknown"
            for who in ("OUTLET-AM-C2", "OUTLET-AM-C3", "OUTLET-LEADER-C2", "OUTLET-LEADER-C3")
        },
    ),
}  # fmt: skip


@dataclass
class Bench:
    """The models of a release in a database of their own, over its accepted rows and a policy that can be changed."""

    connection: duckdb.DuckDBPyConnection
    compiled: CompiledModels
    seeds: dict[str, Path]
    folder: Path
    targets: list[str]

    def rests_on(self, family: str) -> list[Node]:
        """The models behind a seed, parents first."""
        return [
            node
            for node in self.compiled.needed(self.targets)
            if node.kind == "model" and any(one.name == family for one in self.compiled.needed([node.name]))
        ]

    def changed_by(self, mutant: Mutant, nodes: list[Node]) -> list[Node]:
        """Of the models behind a seed those that a mutant can change: of a parameter those that rest on a reader."""
        if mutant.row.family != PARAMETERS:
            return nodes
        name = f"'{mutant.row.text('parameter_id')}'"
        readers = {node.name for node in nodes if name in node.sql}
        return [node for node in nodes if readers & {one.name for one in self.compiled.needed([node.name])}]

    def load(self, family: str, rows: tuple[Row, ...]) -> None:
        """Replace the rows of a seed."""
        file = self.folder / f"{family}.csv"
        columns = list(policy_schemas()[family].columns)
        with file.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([_text(row.values.get(name)) for name in columns] for row in rows)
        run_models(self.connection, self.compiled, [family], {}, {family: file})

    def build(self, nodes: list[Node]) -> dict[str, tuple[int, int]]:
        """Build models again; target -> how many rows it has, and what they hold."""
        for node in nodes:
            self.connection.execute(f"create or replace table {node.relation} as {node.sql}")
        return {name: self.print_of(name) for name in self.targets if self.compiled.nodes[name] in nodes}

    def print_of(self, name: str) -> tuple[int, int]:
        """The rows of a table, whatever their order; without the policy's own hash."""
        relation = self.compiled.nodes[name].relation
        columns = [column for column, *_ in self.connection.execute(f"describe {relation}").fetchall()]
        kept = ", ".join(f'"{column}"' for column in columns if column != "policy_version")
        ((rows, held),) = self.connection.execute(
            f"select count(*), coalesce(sum(hash(row({kept}))::hugeint), 0) from {relation}"
        ).fetchall()
        return rows, held


def _name_of(mutant: Mutant) -> str:
    """The key of the row, and the column that differs."""
    key = " ".join(mutant.row.text(name) for name in policy_schemas()[mutant.row.family].key)
    return f"{key} {mutant.column}".strip()


def _text(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.fixture(scope="module")
def bench(four_closes: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The marts of the made-up bank's last close, built again from its accepted rows."""
    release = Release((four_closes.published / "current").resolve())
    compiled = compiled_models(release)
    targets = [
        node.name
        for node in compiled.nodes.values()
        if node.relation.rsplit(".", 2)[-2].strip('"') in ("marts", "month_in_hand") and node.name not in OF_THE_RUN
    ]
    folder = tmp_path_factory.mktemp("rows")
    with connect() as connection:
        attach_databases(connection, compiled)
        connection.execute(f"attach {path_literal(four_closes.settings.warehouse)} as scratch (read_only)")
        given = {
            node.name: f"select * from scratch.{node.relation.split('.', 1)[1]}"
            for node in compiled.needed(targets)
            if node.kind == "source"
        }
        seeds = seed_files(policy_of(release))
        made = Bench(connection, compiled, seeds, folder, targets)
        run_models(connection, compiled, targets, given, seeds)
        yield made


def _asked() -> dict[str, list[Mutant]]:
    """Family -> its mutants that could decide something."""
    asked: dict[str, list[Mutant]] = {}
    for mutant in mutants(load_policy()):
        is_asked = mutant.kind in KINDS or (mutant.kind == "number" and mutant.row.family in SHIFTED)
        if not is_asked or mutant.row.family in ASKED_OF_THE_BOOK:
            continue
        if mutant.column != SAYS_WHERE_FROM and mutant.row.holds(ON):
            asked.setdefault(mutant.row.family, []).append(mutant)
    return asked


ASKED = _asked()


@pytest.mark.parametrize("family", ASKED)
def test_a_changed_row_changes_what_is_published(bench: Bench, family: str) -> None:
    nodes = bench.rests_on(family)
    assert (not nodes) == (family in NOT_READ)
    if not nodes:
        return
    shipped = load_policy().rows[family]
    bench.load(family, shipped)
    before = bench.build(nodes)
    unseen = set()
    for mutant in ASKED[family]:
        changed = bench.changed_by(mutant, nodes)
        if not changed:
            continue
        bench.load(family, mutant.policy.rows[family])
        try:
            if bench.build(changed).items() <= before.items():
                unseen.add(_name_of(mutant))
        except duckdb.Error:
            continue
        finally:
            # Models that the next mutant does not touch must be those of the shipped rows.
            bench.load(family, shipped)
            if family == PARAMETERS:
                bench.build(changed)
    assert bench.build(nodes) == before
    _, expected = UNSEEN.get(family, ("", set()))
    assert unseen == ({_name_of(mutant) for mutant in ASKED[family]} if expected is None else expected)
