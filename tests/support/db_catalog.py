"""Read tables, columns, keys and indexes of the schema `app` from PostgreSQL's catalog."""

from typing import LiteralString

import psycopg

_COLUMNS: LiteralString = """
    select relname, attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)
    from pg_class join pg_attribute on attrelid = pg_class.oid
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where relnamespace = 'app'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
    order by relname, attnum
"""
_KEYS: LiteralString = """
    select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
    where connamespace = 'app'::regnamespace and contype in ('p', 'u', 'f') order by 1, 2
"""
_INDEXES: LiteralString = "select indexname, indexdef from pg_indexes where schemaname = 'app' order by 1"
_TABLES: LiteralString = """
    select relname, relpersistence::text, relrowsecurity from pg_class
    where relnamespace = 'app'::regnamespace and relkind = 'r' order by 1
"""
_CHECKS: LiteralString = """
    select relname, attname, pg_get_constraintdef(pg_constraint.oid)
    from pg_constraint join pg_class on pg_class.oid = conrelid
    join pg_attribute on attrelid = conrelid and attnum = conkey[1]
    where connamespace = 'app'::regnamespace and contype = 'c' and cardinality(conkey) = 1
"""
# An index serves a key if the key's column comes first and the index excludes null at most.
_KEYS_WITHOUT_INDEX: LiteralString = """
    select relname || '.' || attname
    from pg_constraint join pg_class on pg_class.oid = conrelid
    join pg_attribute on attrelid = conrelid and attnum = conkey[1]
    where contype = 'f' and connamespace = 'app'::regnamespace and not exists (
        select from pg_index where indrelid = conrelid and indkey[0] = conkey[1]
        and (indpred is null or pg_get_expr(indpred, indrelid) = format('(%I IS NOT NULL)', attname)))
"""

Row = tuple[object, ...]


def shape(url: str) -> dict[str, list[Row]]:
    """Tables, columns, keys and indexes: what models declare too."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(_TABLES).fetchall()
        return {
            "tables": [row[:2] for row in tables],
            "columns": connection.execute(_COLUMNS).fetchall(),
            "keys": connection.execute(_KEYS).fetchall(),
            "indexes": connection.execute(_INDEXES).fetchall(),
        }


def tables(url: str) -> dict[str, bool]:
    """Every table, and whether it has row-level security."""
    with psycopg.connect(url) as connection:
        return {name: secured for name, _, secured in connection.execute(_TABLES)}


def checks(url: str) -> dict[tuple[str, str], str]:
    """The check constraint of each column that has one, by table and column."""
    with psycopg.connect(url) as connection:
        return {(table, column): definition for table, column, definition in connection.execute(_CHECKS)}


def keys_without_index(url: str) -> list[str]:
    """Foreign keys that no index serves."""
    with psycopg.connect(url) as connection:
        return [name for (name,) in connection.execute(_KEYS_WITHOUT_INDEX)]
