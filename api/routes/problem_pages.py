"""The pages that the `type` of a problem leads to."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.deps import SettingsDep
from api.problem_pages import problem_page, problems_by_code
from api.site import Site
from core.problems import NotFound

router = APIRouter(include_in_schema=False)


@router.get("/problems/{code}")
def get_problem_page(code: str, settings: SettingsDep) -> HTMLResponse:
    """What a code means, in English. Raises NotFound."""
    problem = problems_by_code().get(code)
    if problem is None:
        raise NotFound("There is no such problem code.", field="code")
    return problem_page(Site("en", settings), problem)
