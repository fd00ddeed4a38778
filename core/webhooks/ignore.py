"""Events that are not for this system."""

from collections.abc import Mapping
from typing import Final

from core.webhooks.payment_events import MONEY_KINDS

# Parameters of ignore.sql.
PARAMETERS: Final[Mapping[str, str]] = {"money_kinds": "{" + ",".join(MONEY_KINDS) + "}"}
