from pydantic import BaseModel

from api.pages import Cursor, PageSize, newest_page
from core.inputs import Input
from core.paging import Newest, PageRequest
from core.reasons import Reason


class Paged(BaseModel):
    """The part of a list's query that says which page."""

    limit: PageSize = 20
    cursor: Cursor = None

    @property
    def page(self) -> PageRequest[Newest]:
        """The page. Raises InputInvalid for a cursor of another list."""
        return newest_page(self.limit, self.cursor)


class Action(Input):
    """An operator's action."""

    reason: Reason
