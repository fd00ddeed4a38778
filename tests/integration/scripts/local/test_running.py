"""Commands find the run that serves now."""

from pathlib import Path

from scripts.local.instances import claim_instance
from scripts.local.running import publish, running_environment


def test_the_environment_is_that_of_the_first_running_instance(tmp_path: Path) -> None:
    with claim_instance("run", parent=tmp_path) as first, claim_instance("run", parent=tmp_path) as second:
        publish(second.folder, {"AULA_DATABASE_URL": "second"})
        assert running_environment(parent=tmp_path) == {"AULA_DATABASE_URL": "second"}
        publish(first.folder, {"AULA_DATABASE_URL": "first"})
        assert running_environment(parent=tmp_path) == {"AULA_DATABASE_URL": "first"}
        assert (first.folder / "environment.json").stat().st_mode & 0o077 == 0


def test_a_run_that_has_ended_is_not_found(tmp_path: Path) -> None:
    with claim_instance("run", parent=tmp_path) as instance:
        publish(instance.folder, {"AULA_DATABASE_URL": "gone"})
    assert running_environment(parent=tmp_path) is None


def test_another_name_is_not_found(tmp_path: Path) -> None:
    with claim_instance("test", parent=tmp_path) as instance:
        publish(instance.folder, {"AULA_DATABASE_URL": "test"})
        assert running_environment(parent=tmp_path) is None
