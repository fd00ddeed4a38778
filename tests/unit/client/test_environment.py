"""Where the API is, for each device, and the name under which the token is kept."""

import pytest

from client.api.tokens import TOKEN_KEY
from client.environment import Device, Environment, api_url

ORIGIN = "https://aula.example/app/courses?x=1"


@pytest.mark.parametrize(
    ("device", "address"),
    [
        (Device.ANDROID_EMULATOR, "http://10.0.2.2:8000"),
        (Device.ANDROID, "http://127.0.0.1:8000"),
        (Device.IOS, "http://127.0.0.1:8000"),
        (Device.DESKTOP, "http://127.0.0.1:8000"),
        (Device.WEB, "https://aula.example"),
    ],
)
def test_the_address_follows_from_the_device(device: Device, address: str) -> None:
    assert api_url(device, origin=ORIGIN) == address


@pytest.mark.parametrize("device", list(Device))
def test_a_chosen_address_is_used_on_every_device(device: Device) -> None:
    assert api_url(device, origin=ORIGIN, chosen="https://api.aula.example/") == "https://api.aula.example"


@pytest.mark.parametrize("wrong", ["aula.example", "ftp://aula.example", "https://"])
def test_a_chosen_address_that_is_none_is_refused_by_the_name_of_its_variable(wrong: str) -> None:
    with pytest.raises(ValueError, match="AULA_API_URL"):
        api_url(Device.IOS, chosen=wrong)


def test_only_a_browser_keeps_no_secrets() -> None:
    assert [one for one in Device if not Environment(one, "", "").keeps_secrets] == [Device.WEB]


def test_the_token_has_the_name_of_the_plan() -> None:
    assert TOKEN_KEY == "mvp_auth_token"
