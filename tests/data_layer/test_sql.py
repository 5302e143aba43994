"""Named SQL moves to another engine, and no value is ever formatted into it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from data_layer.engine.duckdb_engine import HOT_TABLES
from data_layer.engine.named_sql import ordered, sql_text
from data_layer.engine.reads import files_of, read_by
from data_layer.questions import MarketColumn, Order
from data_layer.schemas import TABLES

ROOT = Path(__file__).resolve().parents[2]
QUERIES = ROOT / "data_layer" / "queries"
FILES = sorted(path.relative_to(QUERIES).with_suffix("").as_posix() for path in QUERIES.rglob("*.sql"))
#: Functions the design bans because Spark has no such thing, or means something else by it.
BANNED = {"time_bucket", "epoch_us", "to_hours", "to_days", "date_bin", "list_filter", "quantile_cont", "hash"}
#: Where SQL is put together from names of ours (tables, columns, settings, quoted paths), each place looked at.
OUR_NAMES = {
    "data_layer/engine/database.py": {"_harden", "cursor", "new_schema", "hot_table", "_dropped_with", "drop"},
    "data_layer/engine/duckdb_engine.py": {"_attach", "_attach_hot"},
    "data_layer/store/rewrite.py": {"merged", "since", "_stored"},
    "data_layer/storage_questions.py": {"storage", "table_reader"},
}


def parsed(name: str) -> exp.Expression:
    return sqlglot.parse_one(text(name), read="duckdb")


def text(name: str) -> str:
    return sql_text(name).replace("/*order*/", "ticker").replace("/*table*/", "trades")


@pytest.mark.parametrize("name", FILES)
def test_a_query_moves_to_spark_without_a_function_spark_does_not_know(name: str) -> None:
    (moved,) = sqlglot.transpile(text(name), read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    assert moved
    unknown = {function.name.lower() for function in parsed(name).find_all(exp.Anonymous)}
    assert unknown == set(), "sqlglot passes these on as they are"
    assert not {function for function in BANNED if re.search(rf"\b{function}\s*\(", text(name), re.IGNORECASE)}


@pytest.mark.parametrize("name", FILES)
def test_arg_max_never_meets_a_null(name: str) -> None:
    """DuckDB skips a null of the first argument, Spark returns it: a filter makes them agree."""
    for call in parsed(name).find_all(exp.ArgMax, exp.ArgMin):
        wrapped = call.parent
        assert isinstance(wrapped, exp.Filter), f"{call.sql()} without FILTER"
        assert f"NOT {call.this.sql()} IS NULL" in wrapped.expression.sql(), call.sql()


@pytest.mark.parametrize("name", FILES)
def test_first_and_last_are_not_asked_for_by_order(name: str) -> None:
    assert not re.search(r"\b(last|first|any_value)\s*\(", text(name), re.IGNORECASE)


@pytest.mark.parametrize("name", FILES)
def test_a_query_is_one_select_that_begins_with_what_it_is_for(name: str) -> None:
    assert sql_text(name).startswith("-- ")
    assert isinstance(parsed(name), exp.Query)


def test_only_members_of_the_enum_reach_the_order_and_ties_are_broken() -> None:
    sql = ordered("ORDER BY /*order*/", [Order(MarketColumn.VOLUME), Order(MarketColumn.TITLE, False)], "ticker")
    assert sql == "ORDER BY volume_contracts DESC NULLS LAST, title ASC NULLS LAST, ticker"
    with pytest.raises(AttributeError):
        ordered("/*order*/", [Order("1; DROP TABLE x")], "ticker")  # type: ignore[arg-type]


def formatted(tree: ast.AST) -> list[tuple[str, str]]:
    """Return (function, text) of every f-string, %-format, .format() and + that makes SQL."""
    found = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            parts: list[ast.AST] = []
            if isinstance(node, ast.JoinedStr) and any(isinstance(part, ast.FormattedValue) for part in node.values):
                parts = [part for part in node.values if isinstance(part, ast.Constant)]
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
                parts = [node.left, node.right]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
                parts = [node.func.value]
            said = " ".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
            if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|COPY|ATTACH|SET|WITH)\b\s", said):
                found.append((function.name, said))
    return found


@pytest.mark.parametrize(
    "path",
    sorted(path for folder in ("data_layer", "app") for path in (ROOT / folder).rglob("*.py")),
    ids=lambda p: p.name,
)
def test_no_value_is_formatted_into_sql(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    places = {function for function, _ in formatted(ast.parse(path.read_text("utf-8")))}
    assert places <= OUR_NAMES.get(name, set()), f"{name} makes SQL out of values; bind them"


@pytest.mark.parametrize("name", FILES)
def test_what_a_query_depends_on_is_every_table_that_a_parser_finds_in_it(name: str) -> None:
    """An answer is remembered as long as what it reads is the same: a table that is overlooked would be shown stale."""
    known = [*TABLES, *HOT_TABLES]
    tables = {table: files_of(table, ()) for table in known}
    found = {table.name for table in parsed(name).find_all(exp.Table)} & set(known)
    assert found <= {table for table, _ in read_by(text(name), tables)}


def test_the_lint_sees_what_it_looks_for() -> None:
    bad = "def f(t):\n    return con.sql(f'SELECT * FROM x WHERE t = {t}'), 'SELECT ' + t, 'SELECT %s' % t, 'DROP {}'.format(t)"
    assert len(formatted(ast.parse(bad))) == 4


def step_of(name: str, step: str) -> exp.Expression:
    """Return one step (a common table expression) of a query."""
    return next(cte.this for cte in parsed(name).find_all(exp.CTE) if cte.alias == step)


@pytest.mark.parametrize("step", ["crawl", "seen"])
def test_alerts_and_movers_look_back_by_the_same_rule(step: str):
    """What stood at a moment is said in two queries, as each is run, logged and shown whole: it must be one rule."""
    assert len({step_of(name, step).sql() for name in ("alert_then", "movers_then")}) == 1


def test_a_rule_over_a_view_is_judged_and_described_for_the_same_markets():
    """Which markets pass is said in two queries: what fires, and why nothing does."""
    fires = step_of("alert_firings", "ranked").find(exp.Where).this.find(exp.Paren).this
    stands = next(
        join.args["on"]
        for join in step_of("alert_standing", "looked").find_all(exp.Join)
        if join.alias_or_name == "l"
    )
    said = [condition.sql() for condition in stands.flatten()]
    assert said[:2] == ["NOT r.is_listed", "l.status = 'active'"]
    assert said[2:] == [condition.sql() for condition in fires.flatten()]
    assert len(said) > 15


def test_the_calendar_counts_the_markets_that_its_list_holds():
    """What has a place in the calendar is said in two queries: the heat map's and the list's."""
    counted, listed = (step_of(name, "placed") for name in ("agenda_hours", "agenda"))
    assert counted.find(exp.Where).sql() == listed.find(exp.Where).sql()
    times = [next(item.sql() for item in step.selects if item.alias == "time") for step in (counted, listed)]
    assert times[0] == times[1]
