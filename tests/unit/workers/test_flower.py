"""Flower's options, and where it does not start."""

import pytest
from pydantic import SecretStr

from core.settings import Settings, SettingsInvalid
from workers.flower import check_access, options

PAIR = SecretStr("operator:" + "p" * 16)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "aula.internal", ""])  # noqa: S104 - what must be refused
@pytest.mark.parametrize("env", ["test", "production"])
def test_flower_does_not_start_open_to_the_network(env: str, host: str) -> None:
    config = Settings().model_copy(update={"env": env})
    with pytest.raises(SettingsInvalid, match="AULA_FLOWER_BASIC_AUTH"):
        check_access(config, host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_flower_may_listen_on_loopback_without_a_password(host: str) -> None:
    check_access(Settings().model_copy(update={"env": "production"}), host)


def test_flower_with_a_password_may_listen_everywhere() -> None:
    check_access(Settings().model_copy(update={"env": "production", "flower_basic_auth": PAIR}), "0.0.0.0")  # noqa: S104 - allowed


def test_the_password_and_the_history_are_given_to_flower() -> None:
    given = options(Settings(flower_basic_auth=PAIR), "127.0.0.1", 5555, "/data/flower")
    assert f"--basic_auth={PAIR.get_secret_value()}" in given
    assert {"--persistent=True", "--db=/data/flower", "--read_only=True"} <= set(given)


def test_without_a_password_and_a_history_neither_is_given() -> None:
    given = options(Settings(), "127.0.0.1", 5555, None)
    assert [option for option in given if "basic_auth" in option or "persistent" in option] == []
