"""What stands where a page cannot be shown."""

import flet as ft

from client.parts.actions import Weight, action, link
from client.parts.layout import Controls, empty, spread
from client.screen import Screen


class MissingScreen(Screen):
    """No page has this route."""

    public = True

    def title(self) -> str:
        """What the page is called."""
        return self.context.say("not_known")

    def build(self) -> Controls:
        """Its controls, from the top."""
        say = self.context.say
        home = link(self.context, say("to_home"), "/")
        return [empty(ft.Icons.EXPLORE_OFF_OUTLINED, say("not_known"), say("not_known_text"), home)]


class NeedsLoginScreen(Screen):
    """The page is for those who are signed in."""

    public = True

    def title(self) -> str:
        """What the page is called."""
        return self.context.say("log_in")

    def build(self) -> Controls:
        """Its controls, from the top."""
        context = self.context

        async def to_login() -> None:
            context.go_to_login()

        buttons = spread(
            action(context, context.say("log_in"), to_login),
            link(context, context.say("no_account"), "/register", weight=Weight.OTHER),
        )
        return [empty(ft.Icons.LOCK_OUTLINE, context.say("needs_login"), context.say("needs_login_text"), buttons)]
