"""The Mermaid diagram of `docs/data-model.md`: tables and their foreign keys."""

from typing import LiteralString

import psycopg

# One row per foreign key, with whether its column may be null and whether it is unique.
_KEYS: LiteralString = """
    select child.relname, attname, parent.relname, not attnotnull, exists (
        select from pg_index
        where indrelid = conrelid and indisunique and indnkeyatts = 1 and indkey[0] = conkey[1])
    from pg_constraint
    join pg_class child on child.oid = conrelid
    join pg_class parent on parent.oid = confrelid
    join pg_attribute on attrelid = conrelid and attnum = conkey[1]
    where contype = 'f' and connamespace = 'app'::regnamespace
    order by parent.relname, child.relname, attname
"""
_UNLINKED: LiteralString = """
    select relname from pg_class
    where relkind = 'r' and relnamespace = 'app'::regnamespace
    and not exists (select from pg_constraint where contype = 'f' and pg_class.oid in (conrelid, confrelid))
    order by relname
"""


def diagram(connection: psycopg.Connection) -> str:
    """The entity-relationship diagram of schema app."""
    lines = ["```mermaid", "erDiagram"]
    for child, column, parent, optional, unique in connection.execute(_KEYS):
        left = "|o" if optional else "||"
        right = "o|" if unique else "o{"
        lines.append(f"    {parent} {left}--{right} {child} : {column}")
    lines += [f"    {name}" for (name,) in connection.execute(_UNLINKED)]
    return "\n".join([*lines, "```", ""])
