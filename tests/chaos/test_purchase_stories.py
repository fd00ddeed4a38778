"""Short stories of the purchase machine that must be told in every run, each with its end.

In each of them one means alone leads to the end: without it, the story fails.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from tests.chaos.purchase_setup import purchase_world
from tests.chaos.purchase_world import Means, World
from tests.chaos.test_purchase_machine import PurchaseMachine
from tests.contract.conftest import mail_emulator

# pytest finds a fixture by its name in this module.
__all__ = ["mail_emulator", "purchase_world"]

Act = Callable[[PurchaseMachine], None]


@dataclass(frozen=True, slots=True)
class Story:
    """What happens to one order, and its state, the active enrollments and the open findings in the end."""

    means: Means
    acts: Sequence[Act]
    state: str
    enrollments: int
    findings: Sequence[str] = ()


def pay(machine: PurchaseMachine) -> None:
    machine.pay_by_card(0, "visa")


def lose(machine: PurchaseMachine) -> None:
    machine.lose_all()


def arrive(machine: PurchaseMachine) -> None:
    machine.deliver_all()
    machine.run_jobs()


def refund(machine: PurchaseMachine) -> None:
    machine.refund(0, whole=True)


def refund_fails(machine: PurchaseMachine) -> None:
    machine.settle_refund(0, "failed")


def dispute(machine: PurchaseMachine) -> None:
    machine.dispute(0, inquiry=False)


def replace(machine: PurchaseMachine) -> None:
    """The buyer asks for another checkout while Stripe does not answer."""
    machine.stripe_refuses(2, 503)
    machine.ask_for_checkout(0, "elements")


def ask_for_refund(machine: PurchaseMachine) -> None:
    machine.stripe_answers_are_lost(1)
    machine.ask_for_refund(0, None)
    machine.run_jobs()


def hours_pass(machine: PurchaseMachine) -> None:
    """The books are read up to now."""
    for _ in range(2):
        machine.time_passes(70)
        machine.beat()


def answer(action: int) -> Act:
    return lambda machine: machine.answer_finding(0, action)


STORIES = {
    "a paid checkout is asked about": Story("nothing", [pay, lose], "fulfilled", 1),
    "a payment is in the list of events": Story("events", [pay, lose], "fulfilled", 1),
    "a payment is in the books": Story("books", [pay, lose], "fulfilled", 1),
    "a replaced checkout was paid": Story("nothing", [pay, lose, replace], "fulfilled", 1),
    "a refund gives access back": Story("nothing", [pay, arrive, refund, arrive], "refunded", 0),
    "a refund is fetched with its charge": Story("nothing", [pay, arrive, refund, lose, arrive], "refunded", 0),
    "a refund is in the list of events": Story("events", [pay, arrive, refund, lose], "refunded", 0),
    "a refund is in the books": Story("books", [pay, arrive, refund, lose], "refunded", 0),
    "a refund's failure is in the books of a later day": Story(
        "books", [pay, arrive, refund, arrive, hours_pass, refund_fails, lose], "fulfilled", 1, ["refund_failed"]
    ),
    "a dispute is in the list of events": Story(
        "events", [pay, arrive, dispute, lose], "disputed", 0, ["dispute_open"]
    ),
    "a refund is asked for once": Story("nothing", [pay, arrive, ask_for_refund, arrive], "refunded", 0),
    "a gift is kept after a refund": Story(
        "nothing", [pay, arrive, lambda machine: machine.give(0, "course A"), refund, arrive], "refunded", 1
    ),
    "a withdrawn gift leaves what was bought": Story(
        "nothing",
        [pay, arrive, lambda machine: machine.give(0, "course A"), arrive, lambda machine: machine.withdraw_gift(0)],
        "fulfilled",
        1,
    ),
    "another amount is accepted": Story(
        "nothing", [lambda machine: machine.pay_another_amount(0, 100), arrive, answer(2), arrive], "fulfilled", 1
    ),
    "another amount is given back": Story(
        "nothing", [lambda machine: machine.pay_another_amount(0, 100), arrive, answer(1), arrive], "expired", 0
    ),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", STORIES)
def test_a_story_comes_to_its_end(purchase_world: World, name: str) -> None:
    story, machine = STORIES[name], PurchaseMachine()
    machine.world = purchase_world
    machine.begin(["course A"], "hosted_page", story.means)
    for act in story.acts:
        act(machine)
        machine.rules_hold()
    machine.end()
    ends = """
    select (select state from app.orders), (select count(*) from app.enrollments where state = 'active'),
           array(select kind from app.findings where closed_at is null order by kind)
    """
    with purchase_world.jobs.sessions() as session:
        (end,) = session.execute(text(ends))
    assert tuple(end) == (story.state, story.enrollments, list(story.findings)), "\n".join(purchase_world.story)
