"""Which environment variables name settings: values in files, and names that are nearly one."""

from collections.abc import Iterable, Mapping, MutableMapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final

_FILE: Final = "_FILE"
# Of 1: a letter left out, doubled, changed or swapped with its neighbour.
_NEARLY: Final = 0.93


def values_of_files(environment: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """By variable, what the files hold that variables such as AULA_JWT_SECRET_FILE name, without the last line break.

    Secrets of a container platform are files. Raises ValueError naming the variable, without the content.
    """
    named = {name: environment[f"{name}{_FILE}"] for name in names if environment.get(f"{name}{_FILE}")}
    return {name: _read(name, path, environment) for name, path in named.items()}


def put_values_of_files(environment: MutableMapping[str, str], names: Iterable[str]) -> None:
    """Set each variable whose value is in a file, and unset the one that names the file. Raises as above."""
    for name, value in values_of_files(environment, names).items():
        environment[name] = value
        del environment[f"{name}{_FILE}"]


def misspelt(environment: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """What to say of each variable whose name is nearly, and not quite, a setting's."""
    known = {variant for name in names for variant in (name, f"{name}{_FILE}")}
    prefixes = {name.partition("_")[0] for name in known}
    unknown = sorted(name for name in environment.keys() - known if name.partition("_")[0] in prefixes)
    meant = ((name, get_close_matches(name, sorted(known), 1, _NEARLY)) for name in unknown)
    return [f"{name} is no setting; {close[0]} is" for name, close in meant if close]


def _read(name: str, path: str, environment: Mapping[str, str]) -> str:
    variable = f"{name}{_FILE}"
    if environment.get(name):
        raise ValueError(f"{name} and {variable} are both set; unset one")
    try:
        return Path(path).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise ValueError(f"{variable}: the file is not UTF-8") from None
    except OSError as error:
        raise ValueError(f"{variable}: the file cannot be read: {error.strerror}") from None
