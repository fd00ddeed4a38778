"""The pages that links in emails lead to. They are for people, and no part of the API's document."""

from typing import Annotated, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from api.deps import SettingsDep
from api.email_links import EmailLinksDep
from api.link_pages import LinkPages
from api.link_phrases import LinkPage
from api.return_pages import language_of
from api.site import Site
from core.accounts.inputs import LinkInput, ResetInput, VerifyInput
from core.problems import InputInvalid, Problem

# Long enough for every token; a longer one is not shown again.
_MAX_TOKEN: Final = 100

router = APIRouter(include_in_schema=False)


def get_site(settings: SettingsDep, accept_language: Annotated[str, Header()] = "") -> Site:
    """The site in the visitor's language."""
    return Site(language_of(accept_language), settings)


async def get_form(request: Request) -> dict[str, str]:
    """The fields of a form, each by its first value; of what is no form, none."""
    return {name: values[0] for name, values in parse_qs((await request.body()).decode(errors="replace")).items()}


SiteDep = Annotated[Site, Depends(get_site)]
FormDep = Annotated[dict[str, str], Depends(get_form)]


@router.get("/verify")
@router.get("/reset-password")
@router.get("/confirm-email")
def show(request: Request, site: SiteDep, token: str = "") -> HTMLResponse:
    """The form of a link."""
    return LinkPages(site, _page(request)).form(token[:_MAX_TOKEN])


@router.post("/verify")
@router.post("/reset-password")
@router.post("/confirm-email")
def redeem(request: Request, site: SiteDep, form: FormDep, links: EmailLinksDep) -> HTMLResponse:
    """Do what the link is for, and tell what came of it."""
    pages = LinkPages(site, _page(request))
    try:
        _redeem(pages.page, form, links)
    except Problem as refusal:
        return pages.form(form.get("token", "")[:_MAX_TOKEN], refusal)
    return pages.done()


def _redeem(page: LinkPage, form: dict[str, str], links: EmailLinksDep) -> None:
    try:
        match page:
            case "verify":
                proof = VerifyInput.model_validate(form)
                links.prove_email(proof.token.get_secret_value(), proof.password.get_secret_value())
            case "reset-password":
                wanted = ResetInput.model_validate(form)
                links.reset_password(wanted.token.get_secret_value(), wanted.password.get_secret_value())
            case "confirm-email":
                links.confirm_email(LinkInput.model_validate(form).token.get_secret_value())
    except ValidationError:
        raise InputInvalid("Send the token of the link, and the password.") from None


def _page(request: Request) -> LinkPage:
    match request.url.path:
        case "/verify":
            return "verify"
        case "/reset-password":
            return "reset-password"
        case _:
            return "confirm-email"
