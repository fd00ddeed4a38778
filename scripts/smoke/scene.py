"""Who acts in the smoke test, what they made so far, and how its parts look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from scripts.smoke.operator import Operator
from scripts.smoke.person import Person
from scripts.smoke.target import Target


@dataclass(slots=True)
class Scene:
    """The people, and the ids of what they made."""

    operator: Operator
    teacher: Person
    student: Person
    stranger: Person
    course_id: str = ""
    service_id: str = ""
    seminar_id: str = ""
    lesson_ids: list[str] = field(default_factory=list[str])
    course_order: str = ""
    service_order: str = ""
    seminar_order: str = ""

    @classmethod
    def of(cls, target: Target, client: httpx.Client) -> "Scene":
        """The scene before anything has happened."""
        teacher, student, stranger = (Person(target, client, name) for name in ("teacher", "student", "stranger"))
        return cls(Operator(target), teacher, student, stranger)


# The checks of a part by what they check, in order. Each returns the note to show, and raises SurpriseError.
Part = Mapping[str, Callable[[Scene], str]]
