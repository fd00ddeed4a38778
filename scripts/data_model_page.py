"""The generated parts of `docs/data-model.md`: from the catalog, the models and the SQL comments."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg

from db.models import Base
from scripts.data_model_diagram import diagram
from scripts.database_url import without_driver

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "data-model.md"
SQL_FILES = sorted((ROOT / "db" / "sql").glob("*.sql"))

_SECTION = re.compile(r"-- (.+?) -{3,}$")
_TABLE = re.compile(r"create (?:unlogged )?table (?:if not exists )?app\.(\w+)")

_COLUMNS: LiteralString = """
    select attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)
    from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where attrelid = ('app.' || %s)::regclass and attnum > 0 and not attisdropped order by attnum
"""
_CONSTRAINTS: LiteralString = """
    select contype::text, pg_get_constraintdef(oid) from pg_constraint
    where conrelid = ('app.' || %s)::regclass and contype in ('p', 'u', 'f', 'c') order by conname
"""
_INDEXES: LiteralString = """
    select indexrelid::regclass::text, indisunique, split_part(pg_get_indexdef(indexrelid), ' USING btree ', 2)
    from pg_index
    where indrelid = ('app.' || %s)::regclass
    and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))
    order by indexrelid::regclass::text collate "C"
"""


@dataclass(frozen=True, slots=True)
class Source:
    """What the comments of the SQL file say about a table."""

    section: str
    table: str
    planned: str


def write_generated_parts(database_url: str) -> None:
    """Replace the page's parts between the markers."""
    PAGE.write_text(with_generated_parts(PAGE.read_text(encoding="utf-8"), database_url), encoding="utf-8")


def with_generated_parts(page: str, database_url: str) -> str:
    """The page with its generated parts read from a migrated database.

    Raises:
        ValueError: the markers of a part are missing.
    """
    with psycopg.connect(without_driver(database_url)) as connection:
        # For a user named app, PostgreSQL would leave out the schema's name.
        connection.execute("set search_path to public")
        parts = {"diagram": diagram(connection), "tables": _tables(connection)}
    for name, text in parts.items():
        page, replaced = re.subn(
            rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)",
            lambda found, text=text: f"{found[1]}\n{text}\n{found[2]}",
            page,
            flags=re.DOTALL,
        )
        if replaced != 1:
            raise ValueError(f"the page needs one part between <!-- generated: {name} --> and <!-- end -->")
    return page


def sources() -> list[Source]:
    """Every table of the SQL files in their order, with its section and planned policies."""
    found: list[Source] = []
    section, comment = "", ""
    for line in (line for file in SQL_FILES for line in file.read_text(encoding="utf-8").splitlines()):
        if heading := _SECTION.match(line):
            section, comment = heading[1], ""
        elif line.startswith("-- "):
            comment += line.removeprefix("--")
        else:
            if table := _TABLE.match(line):
                found.append(Source(section, table[1], comment.partition("planned:")[2].strip()))
            comment = ""
    return found


def _tables(connection: psycopg.Connection) -> str:
    purposes = {mapper.class_.__tablename__: mapper.class_.__doc__ or "" for mapper in Base.registry.mappers}
    lines: list[str] = []
    section = ""
    for source in sources():
        if source.section != section:
            section = source.section
            lines += [f"## Tables: {section}", ""]
        lines += [f"### `{source.table}`", "", " ".join(purposes[source.table].split()), ""]
        lines += [*_columns(connection, source.table), "", *_rules(connection, source.table)]
        lines += [f"- Planned policies: {source.planned}", ""]
    return "\n".join(lines)


def _columns(connection: psycopg.Connection, table: str) -> list[str]:
    lines = ["| column | type | |", "| --- | --- | --- |"]
    for name, kind, not_null, default in connection.execute(_COLUMNS, (table,)):
        rules = [] if not_null else ["may be null"]
        rules += [f"default `{tidy(default)}`"] if default else []
        lines.append(f"| `{name}` | {kind.replace('timestamp with time zone', 'timestamptz')} | {', '.join(rules)} |")
    return lines


def _rules(connection: psycopg.Connection, table: str) -> list[str]:
    titles = {"p": "Primary key", "u": "Unique", "f": "References", "c": "Checks"}
    rules: dict[str, list[str]] = {title: [] for title in titles.values()}
    for kind, definition in connection.execute(_CONSTRAINTS, (table,)):
        rules[titles[kind]].append(f"`{tidy(definition.replace('app.', ''))}`")
    rules["Indexes"] = [
        f"`{name.removeprefix('app.')} {readable(definition)}`{' (unique)' if unique else ''}"
        for name, unique, definition in connection.execute(_INDEXES, (table,))
    ]
    return [f"- {title}: {', '.join(items)}" for title, items in rules.items() if items]


def readable(expression: str) -> str:
    """Simplify an expression as PostgreSQL prints it."""
    expression = re.sub(r"::(text|jsonb|bpchar|interval)(\[\])?", "", expression)
    expression = re.sub(r"= ANY \(ARRAY\[(.*?)\]\)", r"in (\1)", expression)
    expression = re.sub(r"^(PRIMARY KEY|UNIQUE|CHECK) ", "", expression)
    return re.sub(r"^FOREIGN KEY \((\w+)\) REFERENCES ", r"\1 → ", expression)


def tidy(expression: str) -> str:
    """`readable`, without up to two pairs of outer parentheses."""
    return _without_outer_parentheses(_without_outer_parentheses(readable(expression)))


def _without_outer_parentheses(expression: str) -> str:
    depth = 0
    for index, character in enumerate(expression):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 and index < len(expression) - 1:
            return expression
    return expression[1:-1] if expression.startswith("(") else expression
