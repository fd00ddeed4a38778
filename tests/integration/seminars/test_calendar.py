"""The calendar of a person, and the one in the emails about a seminar."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import icalendar
from sqlalchemy import select

from core.mail.render import render
from db.models import MailMessage, Profile
from tests.support.addresses import ADDRESSES
from tests.support.api_harness import User
from tests.support.jobs import do
from tests.support.refund_harness import RefundHarness

# The clocks of Stockholm go forward in the night before.
START = datetime(2030, 3, 31, 16, tzinfo=UTC)


def events(content: bytes) -> list[icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(content)
    assert isinstance(calendar, icalendar.Calendar)
    assert (said(calendar, "version"), said(calendar, "method")) == ("2.0", "PUBLISH")
    return calendar.events


def said(component: icalendar.Component, name: str) -> str:
    return str(component[name])


def calendar(user: User) -> list[icalendar.Event]:
    answer = user.http.get("/me/calendar.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return events(answer.content)


def test_those_with_a_seat_and_the_teacher_have_it_in_their_calendars(shop: RefundHarness) -> None:
    teacher = shop.api.user("teacher")
    item = shop.api.seminar(starts_at=START, ends_at=START + timedelta(hours=1), teacher_id=teacher.id)
    buyer = shop.buy(item).buyer
    waiting = shop.place(item).buyer
    [event] = calendar(buyer)
    assert said(event, "uid").startswith(f"seminar-{item['seminar_id']}@")
    assert (event.start, event.end) == (START, START + timedelta(hours=1))
    assert (said(event, "summary"), said(event, "status")) == ("Live", "CONFIRMED")
    assert said(event, "url").endswith(f"/seminar/{item['seminar_id']}")
    assert [said(one, "uid") for one in calendar(teacher)] == [said(event, "uid")]
    assert (calendar(waiting), calendar(shop.api.user())) == ([], [])


def test_another_time_and_a_cancellation_are_newer_than_what_was_told(shop: RefundHarness) -> None:
    teacher = shop.api.user("teacher")
    item = shop.api.seminar(starts_at=START, ends_at=START + timedelta(hours=1), teacher_id=teacher.id)
    buyer = shop.buy(item).buyer
    do(
        shop.sessions,
        "update app.seminars set updated_at = now() - interval '1 hour' where id = :id",
        id=item["seminar_id"],
    )
    [told] = calendar(buyer)
    later = START + timedelta(days=1)
    moved = {"starts_at": later.isoformat(), "ends_at": (later + timedelta(hours=1)).isoformat()}
    assert teacher.http.patch(f"/seminars/{item['seminar_id']}", json=moved).status_code == 200
    [changed] = calendar(buyer)
    assert (said(changed, "uid"), changed.start) == (said(told, "uid"), later)
    assert int(said(changed, "sequence")) > int(said(told, "sequence"))
    assert teacher.http.post(f"/seminars/{item['seminar_id']}/cancel", json={"reason": "Ill"}).status_code == 202
    shop.run()
    [cancelled] = calendar(buyer)
    assert said(cancelled, "status") == "CANCELLED"


def test_the_email_about_a_seat_has_the_time_in_stockholm_and_the_calendar(shop: RefundHarness) -> None:
    item = shop.api.seminar(starts_at=START, ends_at=START + timedelta(hours=1))
    buyer = shop.buy(item).buyer
    with shop.sessions() as session:
        wanted = (MailMessage.profile_id == buyer.id) & (MailMessage.template == "seat")
        mail = session.scalars(select(MailMessage).where(wanted)).one()
        rendered = render(session, mail, session.get_one(Profile, buyer.id), ADDRESSES)
    assert "18:00" in rendered.text
    assert f"{ADDRESSES.site_url}/seminar/{UUID(str(item['seminar_id']))}" in rendered.text
    assert rendered.calendar
    [event] = events(rendered.calendar)
    assert event.start == START


def test_who_waits_for_a_seat_reads_of_another_time_without_a_calendar(shop: RefundHarness) -> None:
    teacher, waiting = shop.api.user("teacher"), shop.api.user()
    item = shop.api.seminar(1, starts_at=START, ends_at=START + timedelta(hours=1), teacher_id=teacher.id)
    buyer = shop.buy(item).buyer
    assert waiting.http.post(f"/seminars/{item['seminar_id']}/waitlist").status_code == 200
    later = START + timedelta(days=1)
    moved = {"starts_at": later.isoformat(), "ends_at": (later + timedelta(hours=1)).isoformat()}
    assert teacher.http.patch(f"/seminars/{item['seminar_id']}", json=moved).status_code == 200
    with shop.sessions() as session:
        told = session.scalars(select(MailMessage).where(MailMessage.template == "seminar_moved")).all()
        readers = {mail: session.get_one(Profile, mail.profile_id) for mail in told}
        rendered = {reader.id: render(session, mail, reader, ADDRESSES) for mail, reader in readers.items()}
    assert rendered[buyer.id].calendar is not None
    assert rendered[waiting.id].calendar is None
