"""A page of the app."""

from client.context import Context
from client.parts.layout import Controls


class Screen:
    """One page: built once, then loaded; loaded again when the person refreshes."""

    # The destination of the navigation that is marked.
    section = "home"
    # Where Back leads; empty for a destination of the navigation.
    parent = ""
    # Whether visitors may see it.
    public = False
    # Whether it is a form in a narrow column.
    narrow = False

    def __init__(self, context: Context) -> None:
        self.context = context

    def title(self) -> str:
        """What the page is called."""
        return self.context.say(self.section)

    def build(self) -> Controls:
        """Its controls, from the top."""
        raise NotImplementedError

    async def load(self) -> None:
        """Get what it shows. It is called again to refresh."""

    def leave(self) -> None:
        """The person goes to another page."""
