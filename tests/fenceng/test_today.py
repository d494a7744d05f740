"""`fenceng today` and `fenceng show --outlet`: an outlet's list against the published marts, and what it says."""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest import mock

import pytest
from support.house import House, MakeHouse, Row, read_rows
from typer.testing import CliRunner

from expectations.contract import load_contract
from expectations.policy.model import InForce
from expectations.policy.reading import load_policy
from expectations.project import REFERENCE_FOLDER
from expectations.working_days import Calendar
from fenceng.analysis.actions import Action
from fenceng.cli import app
from fenceng.sample import write_sample
from fenceng.terminal import out
from fenceng.words.actions import action_in_words
from fenceng.words.phrasebook import Language
from orchestration.store.releases import current_release

OUTLET, BRANCH = "ORG-O00001", "ORG-B00001"
AS_OF = date(2026, 11, 2)
WIDTH = 200
# The marts of this version; an older release has none of them.
NEWER = (
    "fct_maintenance_assignment_monthly", "fct_manager_load_monthly", "fct_maintenance_capacity_monthly",
    "fct_customer_action", "fct_customer_action_count", "fct_customer_360_monthly", "fct_customer_holding_monthly",
    "fct_contact_red_list", "dim_role",
)  # fmt: skip


def run(*arguments: object) -> tuple[int, str]:
    """The exit code of a command, and all that it says, on lines of WIDTH columns."""
    with mock.patch.object(out, "_width", WIDTH):
        result = CliRunner().invoke(app, list(map(str, arguments)))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def listed(house: House, file: Path, *more: str) -> list[dict[str, str]]:
    """The rows of the CSV that the command writes for the outlet, and prints nothing wrong."""
    code, said = run("today", "--outlet", OUTLET, "--csv", file, "--output", house.output, *more)
    assert code == 0, said
    with file.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def inside(house: House, organization: str) -> set[str]:
    """An organisation and all below it, by climbing from each one."""
    parents = {
        row["org_id"]: row["parent_org_id"] for row in read_rows(house.current, "select * from marts.dim_organization")
    }
    found = set()
    for org_id in parents:
        at: str | None = org_id
        while at and at != organization:
            at = parents[at]
        if at:
            found.add(org_id)
    return found


def of_outlet(house: House, table: str, organization: str = OUTLET) -> list[Row]:
    """The rows of a mart's newest month whose customers are in an organisation."""
    month = "" if table.startswith("fct_customer_action") else " where policy_month = date '2026-11-01'"
    rows, members = read_rows(house.current, f"select * from marts.{table}{month}"), inside(house, organization)
    return [row for row in rows if row["lead_org_id"] in members]


def lacking(rows: list[Row]) -> list[Row]:
    """The duties that lack contacts."""
    return [row for row in rows if row["status"] in ("open", "missed") and row["shortfall"] > 0]


# ---------------------------------------------------------------- the list


def test_the_list_is_that_of_the_outlets_customers(published_bank: House, tmp_path: Path) -> None:
    rows = listed(published_bank, tmp_path / "today.csv")
    actions = [row for row in rows if row["list"] == "action"]
    published = of_outlet(published_bank, "fct_customer_action")
    assert len(published) > 20
    assert Counter(
        (row["kind"], row["customer"], row["due"], row["employee"], row["prio"], row["items"], row["amount in CNY"])
        for row in actions
    ) == Counter(
        (
            row["action_kind"], row["customer_id"], str(row["due_on"]), row["employee_id"] or "", str(row["priority"]),
            str(row["items"]), "" if row["amount"] is None else str(row["amount"]),
        )
        for row in published
    )  # fmt: skip
    assert {row["as of"] for row in rows} == {str(AS_OF)}


def test_the_order_is_person_priority_due_date_customer(published_bank: House, tmp_path: Path) -> None:
    actions = [row for row in listed(published_bank, tmp_path / "today.csv") if row["list"] == "action"]
    order = [
        (not row["employee"], row["employee"], int(row["prio"]), row["due"], row["customer"], row["kind"])
        for row in actions
    ]
    assert order == sorted(order)
    assert order[0][:2] != order[-1][:2]


def test_the_duties_are_those_that_lack_contacts(published_bank: House, tmp_path: Path) -> None:
    duties = [row for row in listed(published_bank, tmp_path / "today.csv") if row["list"] == "duty"]
    published = lacking(of_outlet(published_bank, "fct_visit_obligation_monthly"))
    assert len(published) > 5
    assert Counter(
        (row["customer"], row["kind"], row["missing"], row["expected to date"]) for row in duties
    ) == Counter(
        (row["customer_id"], row["role_group"], str(row["shortfall"]), f"{row['expected_to_date']:.6f}")
        for row in published
    )
    behind = [int(row["counted"]) - float(row["expected to date"]) for row in duties]
    assert behind == sorted(behind)


def test_each_person_is_named_with_their_number(published_bank: House) -> None:
    published = Counter(row["employee_id"] for row in of_outlet(published_bank, "fct_customer_action"))
    _, said = run("today", "--outlet", OUTLET, "--output", published_bank.output)
    told = {name: int(number) for name, number in re.findall(r"^(E\d+) .*: (\d+) actions? *$", said, re.MULTILINE)}
    assert told == {name: number for name, number in published.items() if name}
    assert len(told) > 2


def test_actions_of_nobody_are_told_apart(published_bank: House, tmp_path: Path) -> None:
    """A company without a manager in force is on nobody's list; such lists come last."""
    published = [row for row in of_outlet(published_bank, "fct_customer_action", BRANCH) if row["employee_id"] is None]
    _, said = run("today", "--outlet", BRANCH, "--output", published_bank.output)
    _, chinese = run("today", "--outlet", BRANCH, "--lang", "zh", "--output", published_bank.output)
    assert published
    one = "" if len(published) == 1 else "s"
    assert f"Without a person: {len(published)} action{one}" in said
    assert f"无维护人：待办{len(published)}项" in chinese
    assert said.index("Without a person") > max(found.start() for found in re.finditer(r"^E\d+ ", said, re.MULTILINE))


def test_the_title_names_outlet_date_and_calendar(published_bank: House) -> None:
    name = read_rows(published_bank.current, f"select org_name from marts.dim_organization where org_id = '{OUTLET}'")
    _, said = run("today", "--outlet", OUTLET, "--output", published_bank.output)
    assert said.splitlines()[0].strip() == f"Today's list: {OUTLET} {name[0]['org_name']}"
    assert (
        "Data as of 2026-11-02, Monday, working day 1 of 21 in the month; next working day 2026-11-03, Tuesday" in said
    )
    _, chinese = run("today", "--outlet", OUTLET, "--lang", "zh", "--output", published_bank.output)
    assert "数据截至2026年11月2日（星期一，本月第1个工作日，全月共21个）；下一工作日为2026年11月3日（星期二" in chinese


def test_an_outlet_may_be_named(published_bank: House) -> None:
    found = read_rows(published_bank.current, f"select org_name from marts.dim_organization where org_id = '{OUTLET}'")
    by_name = run("today", "--outlet", found[0]["org_name"], "--output", published_bank.output)
    assert by_name == run("today", "--outlet", OUTLET, "--output", published_bank.output)


def test_what_was_dropped_is_counted_by_reason(published_bank: House) -> None:
    dropped: Counter[str] = Counter()
    for row in of_outlet(published_bank, "fct_customer_action_count"):
        dropped[row["outcome"]] += row["actions"]
    del dropped["listed"]
    assert dropped["no_consent"] > 0
    _, said = run("today", "--outlet", OUTLET, "--output", published_bank.output)
    words = {"no_consent": "no consent to marketing", "under_age": "under age", "unreachable": "unreachable"}
    for reason, number in dropped.items():
        assert f"{number} {words[reason]}" in said
    _, chinese = run("today", "--outlet", OUTLET, "--lang", "zh", "--output", published_bank.output)
    assert f"未同意营销{dropped['no_consent']}项" in chinese


# ---------------------------------------------------------------- one person


def test_a_person_gets_their_actions_and_the_duties_of_their_role(published_bank: House, tmp_path: Path) -> None:
    """A contact counts for customers of the own organisation and those below, by the role group."""
    house = published_bank
    groups = {
        row["role"]: row["role_group"]
        for row in read_rows(house.current, "select role, role_group from marts.dim_role")
    }
    parents = {
        row["org_id"]: row for row in read_rows(house.current, "select * from marts.dim_organization")
    }  # fmt: skip
    people = read_rows(house.current, "select * from marts.dim_employee order by employee_id")
    listed_for = Counter(row["employee_id"] for row in of_outlet(house, "fct_customer_action"))
    owed = lacking(of_outlet(house, "fct_visit_obligation_monthly"))
    seen = Counter[str]()
    chosen = {row["role"]: row for row in people if listed_for[row["employee_id"]] or groups.get(row["role"])}
    for row in chosen.values():
        org = parents[row["org_id"]]
        department = org["org_level"] in ("corporate_department", "wealth_center")
        base = org["parent_org_id"] if department else row["org_id"]
        rows = listed(house, tmp_path / f"{row['role']}.csv", "--person", row["employee_id"])
        reached = inside(house, base)
        duties = {(one["customer"], one["kind"]) for one in rows if one["list"] == "duty"}
        assert duties == {
            (duty["customer_id"], duty["role_group"])
            for duty in owed
            if duty["role_group"] == groups[row["role"]] and duty["lead_org_id"] in reached
        }
        actions = [one for one in rows if one["list"] == "action"]
        assert {one["employee"] for one in actions} <= {row["employee_id"]}
        assert len(actions) == listed_for[row["employee_id"]]
        seen.update(actions=len(actions), duties=len(duties))
    assert seen["actions"] > 3
    assert seen["duties"] > 3


def test_a_role_without_duties_is_said(published_bank: House) -> None:
    """Outlet staff of another branch: nobody of this outlet is on their list."""
    house = published_bank
    staff = read_rows(
        house.current, "select * from marts.dim_employee where role = 'outlet_staff' order by employee_id"
    )
    person = next(row["employee_id"] for row in staff if row["org_id"] not in inside(house, BRANCH))
    _, said = run("today", "--outlet", OUTLET, "--person", person, "--output", house.output)
    assert "Contacts of this role count for no duty." in said
    assert "No action is listed." in said


# ---------------------------------------------------------------- wrong use


@pytest.mark.parametrize("command", ["today", "show"])
def test_an_unknown_outlet_lists_near_names(published_bank: House, command: str) -> None:
    code, said = run(command, "--outlet", "ORG-O0001", "--output", published_bank.output)
    assert code == 2
    assert "no organisation ORG-O0001 in release" in said
    assert re.search(rf"near: {OUTLET} \S+", said)


def test_an_unknown_person_lists_those_of_the_outlet(published_bank: House) -> None:
    people = {row["employee_id"] for row in of_outlet(published_bank, "fct_customer_action")}
    code, said = run("today", "--outlet", OUTLET, "--person", "E99", "--output", published_bank.output)
    assert code == 2
    near = re.search(r"no employee E99 in release \S+; near: (.*)", said)
    assert near
    assert set(near[1].strip().split(", ")) <= people


def test_a_name_that_two_outlets_have_is_asked_for_by_id(published_bank: House, tmp_path: Path) -> None:
    output = altered(published_bank, tmp_path)
    release = current_release(output / "published")
    assert release
    file = release.as_of_file("dim_organization")
    assert file
    file.chmod(0o644)
    renamed = "select * replace ('One' as org_name) from marts.dim_organization"
    read_rows(published_bank.current, f"copy ({renamed}) to '{file}' (format parquet)")
    code, said = run("today", "--outlet", "One", "--output", output)
    assert (code, "organisations are called One: ORG-" in said, "name one by its id" in said) == (2, True, True)


def test_the_published_store_is_no_place_for_the_file(published_bank: House) -> None:
    file = published_bank.published / "today.csv"
    code, said = run("today", "--outlet", OUTLET, "--csv", file, "--output", published_bank.output)
    assert (code, "which only a refresh writes" in said, file.exists()) == (2, True, False)


def test_excel_reads_the_file_as_utf_8(published_bank: House, tmp_path: Path) -> None:
    file = tmp_path / "today.csv"
    rows = listed(published_bank, file, "--lang", "zh")
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert {row["清单"] for row in rows} == {"待办", "拜访任务", "目标"}
    assert all(row["事项及原因"] for row in rows if row["清单"] == "待办")


def test_no_personal_data_is_printed_or_written(published_bank: House, tmp_path: Path) -> None:
    columns = [column.name for column in load_contract().tables["customer"].columns if column.pii]
    assert len(columns) > 2
    rows = read_rows(
        published_bank.current,
        f"select distinct {', '.join(f'{name}::varchar as {name}' for name in columns)}"
        f" from read_parquet('{published_bank.landing}/customer/*/*.parquet')",
    )
    secrets = {value for row in rows for value in row.values() if value and not re.fullmatch(r"\w{1,3}", value)}
    assert len(secrets) > 300
    file = tmp_path / "today.csv"
    output = ("--output", published_bank.output)
    told = [run("today", "--outlet", BRANCH, "--csv", file, "--lang", lang, *output)[1] for lang in ("en", "zh")]
    told += [file.read_text(encoding="utf-8")]
    told += [run("show", "--outlet", BRANCH, *output)[1]]
    words = set(re.findall(r"[^\s,，：（）、。│]+", "\n".join(told)))
    # A date of birth is a date like any other; a due date must not tell it (docs/semantics).
    dates = {value for value in secrets if re.fullmatch(r"\d{4}-\d\d-\d\d", value)}
    assert words & (secrets - dates) == set()


# ---------------------------------------------------------------- in figures


def test_show_counts_actions_by_kind_and_duties_by_status(published_bank: House) -> None:
    house = published_bank
    code, said = run("show", "--outlet", BRANCH, "--output", house.output)
    assert code == 0
    cells = [
        [cell.strip() for cell in re.split("[│┃]", line)[1:-1]] for line in said.splitlines() if re.match("[│┃]", line)
    ]
    head, *rest = [row for row in cells if row]
    figures = {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rest if len(row) == len(head)}
    counts = of_outlet(house, "fct_customer_action_count", BRANCH)
    due = figures["regular contact due"]
    for column, outcome in (("listed", "listed"), ("no consent to marketing", "no_consent")):
        expected = sum(
            row["actions"] for row in counts if (row["action_kind"], row["outcome"]) == ("contact_due", outcome)
        )
        assert due[column] == f"{expected:,}"
        assert expected > 0
    duties = of_outlet(house, "fct_visit_obligation_monthly", BRANCH)
    managers = [row for row in duties if row["role_group"] == "outlet_account_manager"]
    row = next(row for row in rest if row[0] == "Account manager of the outlet")
    by_status = Counter(one["status"] for one in managers)
    missing = sum(one["shortfall"] for one in managers)
    expected_row = [len(managers), *(by_status[status] for status in ("met", "open", "missed", "excluded")), missing]
    assert row[1:] == [f"{number:,}" for number in expected_row]
    assert by_status["open"] > 0
    code, chinese = run("show", "--outlet", BRANCH, "--lang", "zh", "--output", house.output)
    assert (code, "待办事项" in chinese, "本月拜访任务" in chinese, "定期联系到期" in chinese) == (0, True, True, True)


# ---------------------------------------------------------------- older and smaller releases


def altered(house: House, folder: Path) -> Path:
    """An output folder with a copy of the release in force, to be altered."""
    release = current_release(house.published)
    assert release
    output = folder / "output"
    shutil.copytree(release.folder, output / "published" / "releases" / release.release_id)
    (output / "published" / "current").symlink_to(f"releases/{release.release_id}")
    return output


COMMANDS: tuple[Callable[[str], tuple[str, ...]], ...] = (
    lambda lang: ("today", "--outlet", OUTLET, "--lang", lang),
    lambda lang: ("show", "--outlet", OUTLET, "--lang", lang),
    lambda lang: ("assign", "propose", "--lang", lang),
)


@pytest.mark.parametrize("number", range(len(COMMANDS)), ids=["today", "show", "propose"])
def test_a_release_of_an_older_version_is_said(published_bank: House, tmp_path: Path, number: int) -> None:
    output = altered(published_bank, tmp_path)
    for table in NEWER:
        shutil.rmtree((output / "published" / "current").resolve() / table)
    code, said = run(*COMMANDS[number]("en"), "--output", output)
    assert code == 2
    assert re.search(r"fct_\w+( of 2026-11)? is not in release \S+: an older version published it; refresh", said)


def test_explain_of_an_older_version_says_what_is_not_there(published_bank: House, tmp_path: Path) -> None:
    output = altered(published_bank, tmp_path)
    for table in NEWER:
        shutil.rmtree((output / "published" / "current").resolve() / table)
    code, said = run("explain", "C000000047", "--output", output)
    assert (code, "an older version published 2026-11-02; refresh it again" in " ".join(said.split())) == (0, True)
    assert "What else is known" not in said
    code, said = run("explain", "C000000047", "--lang", "zh", "--output", output)
    assert (code, "2026-11-02由旧版本发布，请重新刷新" in "".join(said.split())) == (0, True)


@pytest.fixture(scope="module")
def bare_bank(make_house: MakeHouse) -> House:
    """A bank that delivers none of the optional tables."""
    house = make_house("bare")
    write_sample(house.landing, customers=300, first=AS_OF, last=AS_OF)
    optional = [table.name for table in load_contract().tables.values() if not table.required]
    assert len(optional) > 3
    for name in optional:
        shutil.rmtree(house.landing / name)
    house.publish(AS_OF)
    return house


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_bank_without_the_optional_tables(bare_bank: House, tmp_path: Path, lang: str) -> None:
    file = tmp_path / "today.csv"
    for number, command in enumerate(COMMANDS):
        more = ("--csv", str(file)) if number == 0 else ("--out", str(tmp_path / "p")) if number == 2 else ()
        code, said = run(*command(lang), *more, "--output", bare_bank.output)
        assert code == 0, said
    assert {"allocation.csv", "surplus.csv", "hiring.csv"} == {path.name for path in (tmp_path / "p").iterdir()}
    assert len(file.read_text(encoding="utf-8-sig").splitlines()) > 5
    customer = read_rows(
        bare_bank.current, "select min(customer_id) as one from marts.fct_maintenance_assignment_monthly"
    )
    code, said = run("explain", customer[0]["one"], "--lang", lang, "--output", bare_bank.output)
    assert (code, {"en": "Maintained by", "zh": "维护人："}[lang] in said) == (0, True)


# ---------------------------------------------------------------- words


@pytest.fixture(scope="module")
def view() -> InForce:
    """The shipped policy."""
    return load_policy().in_force(AS_OF)


def action(kind: str, segment: str = "retail", **given: object) -> Action:
    """An action of a kind; 300,000.50 CNY, due on 2026-11-12, unless said otherwise."""
    rest = {"items": 2, "amount": Decimal("300000.50"), "tier_code": "T3", "due_on": date(2026, 11, 12)} | given
    return Action(
        action_kind=kind, customer_id="C1", as_of=AS_OF, segment=segment, lead_org_id="o", employee_id=None,
        category="retain", priority=1, rule_id="r", clause_ref="D1", **rest,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("found", "english", "chinese"),
    [
        (action("visit_behind", "corporate"), "visits behind: contacts missing: 2", "拜访进度滞后：拜访尚差2次"),
        (
            action("balance_drop"),
            "balance has fallen: financial assets fell by 300,000.50 CNY within 3 months",
            "余额大幅下降：金融资产较3个月前减少300,000.5元",
        ),
        (
            action("large_outflow", "corporate", amount=Decimal(12000000)),
            "large outflow: deposits fell by 12,000,000.00 CNY since the month before",
            "大额流出：存款余额较上月末减少1200万元",
        ),
        (
            action("large_inflow", amount=Decimal(500000)),
            "large inflow: financial assets grew by 500,000.00 CNY since the month before",
            "大额流入：金融资产较上月末增加50万元",
        ),
        (
            action("upgrade_choice", amount=Decimal(210000), tier_code="T2"),
            "choice after an upgrade: moved up, and has not chosen who maintains it; financial assets 210,000.00 CNY",
            "升级后选择维护人：层级上调后尚未选择维护人，金融资产为21万元",
        ),
        (
            action("falling_below", amount=Decimal(500)),
            "close to a downgrade: financial assets 500.00 CNY above the entry of T3 Upper mass",
            "临近降级：金融资产仅高出T3 中端客户准入标准500元",
        ),
        (
            action("falling_below", amount=Decimal("0.00")),
            "close to a downgrade: financial assets on the entry of T3 Upper mass",
            "临近降级：金融资产恰为T3 中端客户准入标准",
        ),
        (
            action("product_maturing"),
            "product maturing: 2, together 300,000.50 CNY",
            "产品到期：2笔，金额300,000.5元",
        ),
        (action("loan_maturing"), "loan maturing: 2, principal 300,000.50 CNY", "贷款到期：2笔，本金300,000.5元"),
        (
            action("near_next_tier", amount=Decimal("0.01")),
            "close to an upgrade: financial assets 0.01 CNY short of the next tier",
            "临近升级：金融资产距更高层级尚差0.01元",
        ),
        (
            action("contact_due", amount=None),
            "regular contact due: once in 6 months",
            "定期联系到期：每6个月至少联系一次",
        ),
        (
            action("contact_due", amount=None, tier_code="T1"),
            "regular contact due: once a month",
            "定期联系到期：每月至少联系一次",
        ),
        (
            action("card_not_activated", amount=None),
            "credit card not activated: credit cards not activated 90 days after issue: 2",
            "信用卡未激活：2张信用卡发卡满90天仍未激活",
        ),
        (
            action("statement_stale", "corporate", amount=None, due_on=date(2026, 11, 1)),
            "statement out of date: the newest statement is more than 24 months old",
            "财务报表待更新：最近一期财务报表距今已超过24个月",
        ),
        (
            action("statement_stale", "corporate", amount=None, due_on=AS_OF),
            "statement out of date: no annual statement on record",
            "财务报表待更新：无年度财务报表",
        ),
        (action("birthday", amount=None), "birthday: in the week of 2026-11-12", "生日：2026年11月12日当周"),
        (action("anniversary", amount=None), "anniversary of opening", "开户周年"),
    ],
    ids=lambda one: f"{one.action_kind}-{one.tier_code}-{one.amount}" if isinstance(one, Action) else "",
)
def test_an_action_says_why(view: InForce, found: Action, english: str, chinese: str) -> None:
    assert action_in_words(view, found, "en") == english
    assert action_in_words(view, found, "zh") == chinese


def test_every_kind_of_the_policy_has_its_words(view: InForce) -> None:
    languages: tuple[Language, ...] = ("en", "zh")
    for row in view.rows["policy_action"]:
        kind, segment = row.text("action_kind"), row.text("segment")
        for language in languages:
            said = action_in_words(view, action(kind, segment), language)
            assert "_" not in said
            assert (kind == "anniversary") is not bool(re.search("[:：]", said))


# ---------------------------------------------------------------- the calendar


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    """The shipped calendar."""
    return Calendar(REFERENCE_FOLDER)


def test_a_holiday_and_the_day_that_makes_up_for_it(calendar: Calendar) -> None:
    holiday, make_up = calendar.day(date(2026, 1, 1)), calendar.next_after(date(2025, 12, 31))
    assert (holiday.is_working, holiday.occasion, holiday.number) == (False, ("New Year's Day", "元旦"), 0)
    assert (make_up.on, make_up.is_working, make_up.weekday[1]) == (date(2026, 1, 4), True, "星期日")
    assert (make_up.number, make_up.of) == (1, 21)


def test_a_plain_week_has_five_working_days(calendar: Calendar) -> None:
    assert calendar.next_after(date(2026, 11, 6)).on == date(2026, 11, 9)
    saturday = calendar.day(date(2026, 11, 7))
    assert (saturday.is_working, saturday.occasion, saturday.number, saturday.of) == (False, None, 5, 21)
    assert calendar.is_announced(2026)


def test_a_year_that_is_not_announced_counts_monday_to_friday(calendar: Calendar) -> None:
    assert not calendar.is_announced(2040)
    assert calendar.day(date(2040, 1, 2)).is_working
    assert calendar.next_after(date(2040, 1, 6)).on == date(2040, 1, 9)
