"""Settings in files, and names that are nearly a setting's."""

from pathlib import Path

import pytest

from core.setting_variables import misspelt, put_values_of_files, values_of_files
from core.settings import SettingsInvalid, settings, variable_names

NAMES = ("AULA_JWT_SECRET", "AULA_DATABASE_URL")
SECRET = "a-secret-of-a-file-with-32-bytes-or-more"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("content", "value"), [("x\n", "x"), ("x\r\n", "x"), ("x", "x"), ("x\n\n", "x\n"), (" x ", " x ")]
)
def test_the_value_is_the_file_without_its_last_line_break(tmp_path: Path, content: str, value: str) -> None:
    (tmp_path / "file").write_bytes(content.encode())
    assert values_of_files({"AULA_JWT_SECRET_FILE": str(tmp_path / "file")}, NAMES) == {"AULA_JWT_SECRET": value}


def test_a_variable_and_its_file_are_not_both_set(file: Path) -> None:
    with pytest.raises(ValueError, match="AULA_JWT_SECRET and AULA_JWT_SECRET_FILE are both set; unset one"):
        values_of_files({"AULA_JWT_SECRET": "x", "AULA_JWT_SECRET_FILE": str(file)}, NAMES)


def test_a_file_that_cannot_be_read_is_named_by_its_variable(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^AULA_JWT_SECRET_FILE: the file cannot be read: No such file"):
        values_of_files({"AULA_JWT_SECRET_FILE": str(tmp_path / "none")}, NAMES)
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=r"^AULA_JWT_SECRET_FILE: the file is not UTF-8$"):
        values_of_files({"AULA_JWT_SECRET_FILE": str(tmp_path / "binary")}, NAMES)


def test_a_command_finds_the_value_in_its_environment(file: Path) -> None:
    environment = {"AULA_JWT_SECRET_FILE": str(file), "HOME": "/"}
    put_values_of_files(environment, NAMES)
    assert environment == {"AULA_JWT_SECRET": SECRET, "HOME": "/"}


@pytest.mark.parametrize("typo", ["AULA_DATABSE_URL", "AULA_DATABASE_URI", "AULA_DATABASE_URLS", "AULA_DATABASEURL"])
def test_a_name_that_is_nearly_a_setting_is_told(typo: str) -> None:
    assert misspelt({typo: "x"}, NAMES) == [f"{typo} is no setting; AULA_DATABASE_URL is"]


def test_other_variables_are_no_typos() -> None:
    others = (
        "AULA_URL",
        "AULA_API_URL",
        "AULA_INBOX_URL",
        "AULA_CLIENT_PORT",
        "AULA_CLIENT_TESTS",
        "AULA_OPERATOR",
        "AULA_CHAOS",
        "AULA_LIVEKIT_SERVER",
        "AULA_FUZZ_SECONDS",
    )
    assert (
        misspelt(dict.fromkeys((*others, *variable_names().values(), "DATABSE_URL"), ""), variable_names().values())
        == []
    )


def test_the_settings_of_a_process_read_files_and_refuse_typos(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AULA_JWT_SECRET", raising=False)
    monkeypatch.setenv("AULA_JWT_SECRET_FILE", str(file))
    monkeypatch.setenv("AULA_ORDER_MINUTES", "77")
    settings.cache_clear()
    assert (settings().jwt_secret.get_secret_value(), settings().order_minutes) == (SECRET, 77)
    monkeypatch.setenv("AULA_ORDER_MINUTE", "5")
    settings.cache_clear()
    with pytest.raises(SettingsInvalid, match=r"^AULA_ORDER_MINUTE is no setting; AULA_ORDER_MINUTES is$"):
        settings()
    settings.cache_clear()
