"""The pages that links in emails lead to. A button acts, not the link itself, because mail scanners open links."""

from dataclasses import dataclass
from html import escape

from fastapi.responses import HTMLResponse

from api.link_phrases import PHRASES, REFUSALS, LinkPage
from api.site import Site
from core.problems import Problem


@dataclass(frozen=True, slots=True)
class LinkPages:
    """One page in one language, before, during and after its form was sent."""

    site: Site
    page: LinkPage

    def form(self, token: str, refusal: Problem | None = None) -> HTMLResponse:
        """The form; with the reason if it was refused."""
        phrases = PHRASES[self.site.language][self.page]
        told = f'<p class="error" role="alert">{escape(self._told(refusal))}</p>' if refusal else ""
        main = (
            f'<div class="prose narrow"><h1>{escape(phrases.heading)}</h1><p>{escape(phrases.text)}</p>{told}'
            f'<form method="post" action="/{self.page}"><input type="hidden" name="token" value="{escape(token)}">'
            f'{self._field(phrases.field)}<button class="button primary">{escape(phrases.button)}</button></form></div>'
        )
        return self.site.private_page(phrases.heading, main, refusal.status if refusal else 200)

    def done(self) -> HTMLResponse:
        """The page after the form."""
        phrases = PHRASES[self.site.language][self.page]
        main = (
            f'<div class="prose narrow"><h1>{escape(phrases.done_heading)}</h1><p role="status">'
            f"{escape(phrases.done_text)}</p>{self.site.login_button()}</div>"
        )
        return self.site.private_page(phrases.done_heading, main, 200)

    def _told(self, refusal: Problem) -> str:
        return REFUSALS[self.site.language].get(refusal.code, refusal.detail)

    def _field(self, label: str | None) -> str:
        if label is None:
            return ""
        use = "new-password" if self.page == "reset-password" else "current-password"
        return (
            f'<label for="password">{escape(label)}</label>'
            f'<input id="password" name="password" type="password" autocomplete="{use}" required maxlength="128">'
        )
