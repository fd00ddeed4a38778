"""The generated operations and models, against the API's own document."""

from scripts.client_operations import DOMAINS, FOLDER, files


def test_each_file_is_what_the_document_gives() -> None:
    assert {path.name: path.read_text() for path in FOLDER.glob("*.py") if path.name != "__init__.py"} == files(), (
        "run: python -m scripts.client_operations"
    )


def test_each_operation_of_the_list_has_a_constant() -> None:
    written = "".join((FOLDER / f"{domain}.py").read_text() for domain in DOMAINS)
    assert written.count("Final[Operation[") == sum(len(names) for names in DOMAINS.values())
