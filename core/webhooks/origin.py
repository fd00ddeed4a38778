"""Whose events are ours."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The mode and the account of this system's events.

    An event that names no account is of the account whose secret signed it. One that names an account is ours only if
    that is `account`. https://docs.stripe.com/connect/webhooks
    """

    livemode: bool
    account: str | None = None

    def sql(self) -> dict[str, object]:
        """The parameters of webhooks/_batch_events.sql."""
        return {"livemode": self.livemode, "account": self.account}
