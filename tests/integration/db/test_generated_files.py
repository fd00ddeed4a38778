import re

import pytest

from db.models import Base
from scripts.data_model_page import PAGE, sources, with_generated_parts
from scripts.db_schema import SCHEMA_FILE, dump_schema, normalise

NOISY = """\\restrict aBc
-- Dumped from database version 15.18
SET transaction_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);


CREATE SCHEMA app;



ALTER TABLE app.posts ENABLE ROW LEVEL SECURITY;
\\unrestrict aBc
"""


def test_the_schema_file_is_what_the_migrations_make(database_url: str) -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == dump_schema(database_url), "run make db.schema"


def test_the_schema_dump_contains_no_program_versions() -> None:
    _, _, statements = normalise(NOISY).partition("\n\n")
    assert statements == "CREATE SCHEMA app;\n\nALTER TABLE app.posts ENABLE ROW LEVEL SECURITY;\n"


def test_the_data_model_page_matches_the_database(database_url: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_generated_parts(page, database_url) == page, "run make db.schema"


def test_the_data_model_page_names_every_table_with_its_planned_policies() -> None:
    page = PAGE.read_text(encoding="utf-8")
    names = {table.name for table in Base.metadata.tables.values()}
    assert set(re.findall(r"^### `(\w+)`$", page, re.MULTILINE)) == names
    assert {source.table for source in sources()} == names
    assert [source.table for source in sources() if not source.planned] == []
    diagram = page.partition("```mermaid")[2].partition("```")[0]
    assert {name for name in names if not re.search(rf"\b{name}\b", diagram)} == set()


def test_a_data_model_page_without_its_markers_is_refused(database_url: str) -> None:
    with pytest.raises(ValueError, match="generated: diagram"):
        with_generated_parts("# Data model\n", database_url)
