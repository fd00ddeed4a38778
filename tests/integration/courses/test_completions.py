"""What a learner marks as completed, and the progress that follows."""

from uuid import UUID, uuid4

import pytest

from db.models import Course, Lesson
from tests.support.api_harness import ApiHarness, User
from tests.support.problems import assert_problem


@pytest.fixture
def course(api: ApiHarness) -> Course:
    """A published course with three lessons, the first of them a preview."""
    teacher = api.user("teacher")
    made = api.add(Course(teacher_id=teacher.id, title="Oils", price_amount=49_900, currency="SEK", state="published"))
    for position in (1, 2, 3):
        api.add(Lesson(course_id=made.id, position=position, title="L", is_preview=position == 1))
    return made


@pytest.fixture
def member(api: ApiHarness, course: Course) -> User:
    user = api.user()
    api.enroll(user.id, course.id)
    return user


def paths(user: User, course: Course) -> list[str]:
    """The paths of the marks of each lesson."""
    lessons = user.http.get(f"/courses/{course.id}/lessons").json()["items"]
    return [f"/courses/{course.id}/lessons/{one['id']}/completion" for one in lessons]


def progress(user: User) -> tuple[int, int]:
    (owned,) = user.http.get("/me/courses").json()["items"]
    return owned["lessons_completed"], owned["lessons"]


def test_a_completed_lesson_counts_once_until_its_mark_is_taken_away(member: User, course: Course) -> None:
    first, second, _ = paths(member, course)
    assert progress(member) == (0, 3)
    for path in (first, second, second):
        assert member.http.put(path).status_code == 204
    assert progress(member) == (2, 3)
    for _ in range(2):
        assert member.http.delete(second).status_code == 204
    assert progress(member) == (1, 3)


def test_the_progress_is_of_the_lessons_that_the_course_has_now(api: ApiHarness, member: User, course: Course) -> None:
    for path in paths(member, course):
        member.http.put(path)
    with api.sessions.begin() as session:
        session.delete(session.get_one(Lesson, UUID(paths(member, course)[2].split("/")[4])))
    assert progress(member) == (2, 2)


def test_each_learner_has_a_progress_of_their_own(api: ApiHarness, member: User, course: Course) -> None:
    other = api.user()
    api.enroll(other.id, course.id)
    other.http.put(paths(other, course)[0])
    assert (progress(member), progress(other)) == ((0, 3), (1, 3))


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_only_who_may_read_the_lesson_may_mark_it(api: ApiHarness, course: Course, method: str) -> None:
    stranger, visitor = api.user(), api.visitor()
    preview, locked, _ = paths(stranger, course)
    assert stranger.http.request(method, preview).status_code == 204
    assert_problem(stranger.http.request(method, locked), 403, "lesson_locked")
    assert_problem(visitor.request(method, preview), 401, "unauthorized")
    for unknown in (
        f"/courses/{course.id}/lessons/{uuid4()}/completion",
        f"/courses/{uuid4()}/lessons/{locked.split('/')[4]}/completion",
    ):
        assert_problem(stranger.http.request(method, unknown), 404, "not_found")


def test_a_repeated_key_marks_once(member: User, course: Course) -> None:
    path = paths(member, course)[0]
    answers = [member.http.put(path, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert answers[1].headers["idempotent-replayed"] == "true"
