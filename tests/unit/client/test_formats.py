"""Money and times in the app's words."""

from datetime import UTC, datetime

from client.formats import day, from_local, moment, money, span

TIME = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)


def test_money_is_written_as_in_the_language() -> None:
    assert [money(amount, "SEK", "sv") for amount in (59_500, 123_456_700, 1250)] == [
        "595\u00a0kr",
        "1\u00a0234\u00a0567\u00a0kr",
        "12,50\u00a0kr",
    ]
    assert (money(59_500, "SEK", "en"), money(1250, "EUR", "sv")) == ("SEK\u00a0595", "EUR\u00a012,50")


def test_times_are_those_of_sweden() -> None:
    assert (moment(TIME, "sv"), moment(TIME, "en")) == ("tis 1 dec. 18:00", "Tue 1 Dec 18:00")
    assert span(TIME, TIME.replace(hour=18), "sv") == "tis 1 dec. 18:00–19:00"
    assert day(TIME, "en") == "1 Dec 2026"


def test_a_written_time_is_one_of_sweden() -> None:
    assert from_local(" 2026-12-01 18:00 ") == TIME
    assert from_local("1 december") is None
