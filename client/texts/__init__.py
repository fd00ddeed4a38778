"""Every text of the app, in Swedish and English, by a key. A test holds that each key is used and known."""

from typing import Final

from client.formats import Language
from client.texts.account import ACCOUNT
from client.texts.common import COMMON
from client.texts.learning import LEARNING
from client.texts.problems import PROBLEMS
from client.texts.purchases import PURCHASES
from client.texts.teaching import TEACHING

TEXTS: Final[dict[str, tuple[str, str]]] = {**COMMON, **ACCOUNT, **LEARNING, **PURCHASES, **TEACHING, **PROBLEMS}
_COLUMN: Final[dict[Language, int]] = {"sv": 0, "en": 1}


def text_of(key: str, language: Language, **values: object) -> str:
    """The text of a key, with its values put in."""
    return TEXTS[key][_COLUMN[language]].format(**values)
