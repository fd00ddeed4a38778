"""Buyers, Stripe, the network and crashes do anything in any order; then the books agree, and each purchase is right.

`make test` tries a few short stories, the same in every run; `make chaos` tries 5,000 steps.
"""

import os
import sys
from collections.abc import Sequence
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.findings.kinds import MEANINGS, Kind
from tests.chaos.purchase_books import discrepancies
from tests.chaos.purchase_rules import broken_rules, rules_at_any_time
from tests.chaos.purchase_setup import PRODUCTS, purchase_world
from tests.chaos.purchase_world import MEANS, Json, Means, World
from tests.contract.conftest import mail_emulator

# pytest finds a fixture by its name in this module.
__all__ = ["mail_emulator", "purchase_world"]

LONG = os.environ.get("AULA_CHAOS") == "long"
STORIES, STEPS = (150, 50) if LONG else (5, 25)
T = TypeVar("T")

MINUTES = st.sampled_from([1, 10, 40, 70, 400, 1500])
UI_MODES = st.sampled_from(["hosted_page", "elements"])
CARDS = st.sampled_from(
    ["visa", "visa", "chargeDeclined", "createDispute", "createDisputeInquiry", "refundFail", "pendingRefund"]
)
# Which of several things an act is about. Zero is the newest, so that a story shrinks to few things.
WHICH = st.integers(0, 7)


def pick(things: Sequence[T], which: int) -> T:
    return things[-1 - which % len(things)]


class PurchaseMachine(RuleBasedStateMachine):
    """Each rule is one act; `world` tells the story of a failure."""

    world: World

    @initialize(
        bought=st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=3),
        ui_mode=UI_MODES,
        means=st.sampled_from(sorted(MEANS)),
    )
    def begin(self, bought: list[str], ui_mode: str, means: Means) -> None:
        """Each product has a buyer, who opens a checkout."""
        self.world.begin(len(bought), means)
        for buyer, product in enumerate(bought):
            self.world.place(buyer, product)
            self.world.checkout(buyer, ui_mode)

    # Buyers.

    @rule(buyer=WHICH, product=st.sampled_from(PRODUCTS))
    def place_order(self, buyer: int, product: str) -> None:
        answer = self.world.place(buyer % len(self.world.buyers), product)
        assert answer.status_code in {201, 401, 409}, answer.text

    @rule(buyer=WHICH, product=st.sampled_from(PRODUCTS), card=CARDS)
    def buy(self, buyer: int, product: str, card: str) -> None:
        """Order, open a checkout and pay, without a pause."""
        placed = self.world.place(buyer % len(self.world.buyers), product)
        if placed.is_success and self.world.checkout(self._order(0), "hosted_page").is_success:
            self._pay(self.world.orders[-1].sessions[-1], card)

    @precondition(lambda self: self.world.orders)
    @rule(order=WHICH, ui_mode=UI_MODES)
    def ask_for_checkout(self, order: int, ui_mode: str) -> None:
        answer = self.world.checkout(self._order(order), ui_mode)
        assert answer.status_code in {200, 401, 409, 503}, answer.text

    @precondition(lambda self: self.world.orders)
    @rule(order=WHICH, ui_mode=UI_MODES, commits=st.integers(0, 3))
    def ask_for_checkout_while_the_api_dies(self, order: int, ui_mode: str, commits: int) -> None:
        self.world.api_switch.left = commits
        answer = self.world.checkout(self._order(order), ui_mode)
        self.world.api_switch.left = None
        assert answer.status_code in {200, 401, 409, 500, 503}, answer.text

    @precondition(lambda self: self.world.orders)
    @rule(order=WHICH)
    def cancel_order(self, order: int) -> None:
        answer = self.world.cancel(self._order(order))
        assert answer.status_code in {200, 401, 409, 503}, answer.text

    @precondition(lambda self: self._sessions())
    @rule(which=WHICH, card=CARDS)
    def pay_by_card(self, which: int, card: str) -> None:
        self._pay(pick(self._sessions(), which), card)

    @precondition(lambda self: self._sessions())
    @rule(which=WHICH, amount=st.sampled_from([100, 49_900, 80_000]))
    def pay_another_amount(self, which: int, amount: int) -> None:
        session = pick(self._sessions(), which)
        self.world.control(f"{session} is paid with {amount}", f"sessions/{session}/pay", amount=amount)

    @precondition(lambda self: self._sessions())
    @rule(which=WHICH)
    def pay_by_bank_debit(self, which: int) -> None:
        session = pick(self._sessions(), which)
        self.world.pay_by_debit(f"{session} is paid by bank debit", session)

    @precondition(lambda self: self.world.orders)
    @rule(order=WHICH)
    def come_back(self, order: int) -> None:
        for session in self.world.orders[self._order(order)].sessions:
            assert self.world.api.visitor().get(f"/thanks?session_id={session}").status_code == 200

    @precondition(lambda self: self.world.orders)
    @rule(order=WHICH, line=st.none() | WHICH)
    def ask_for_refund(self, order: int, line: int | None) -> None:
        """Of the whole order, or of a line."""
        number = self._order(order)
        placed = self.world.orders[number]
        body = {} if line is None else {"items": [placed.items[line % len(placed.items)]]}
        answer = self.world.ask_refund(f"the buyer asks for {body or 'all'} back", number, placed.buyer, body)
        assert answer.status_code in {202, 401, 409}, answer.text

    @rule(buyer=WHICH)
    def erase_account(self, buyer: int) -> None:
        answer = self.world.erase(buyer % len(self.world.buyers))
        assert answer.status_code in {204, 401, 409, 503}, answer.text

    # Operators and teachers.

    @precondition(lambda self: self.world.orders)
    @rule(order=WHICH, amount=st.sampled_from([100, 49_900]))
    def refund_an_amount(self, order: int, amount: int) -> None:
        body = {"amount": amount, "reason": "a rebate"}
        answer = self.world.ask_refund(f"the operator gives {amount} back", self._order(order), self.world.admin, body)
        assert answer.status_code in {202, 409}, answer.text

    @rule(which=WHICH, action=WHICH)
    def answer_finding(self, which: int, action: int) -> None:
        found = self.world.findings()
        if not found:
            return
        finding = pick(found, which)
        answer = self.world.act(finding, pick(MEANINGS[Kind(finding.kind)].actions, action))
        assert answer.status_code in {200, 409}, answer.text

    @rule(buyer=WHICH, product=st.sampled_from(["course A", "course B"]))
    def give(self, buyer: int, product: str) -> None:
        answer = self.world.give(buyer % len(self.world.buyers), product)
        assert answer.status_code == 202, answer.text

    @precondition(lambda self: self.world.gifts)
    @rule(which=WHICH)
    def withdraw_gift(self, which: int) -> None:
        answer = self.world.withdraw(pick(self.world.gifts, which))
        assert answer.status_code in {204, 404}, answer.text

    # Banks, and Stripe's dashboard.

    @precondition(lambda self: self._of("payment_intent", "processing"))
    @rule(which=WHICH, outcome=st.sampled_from(["succeeded", "failed"]))
    def settle_debit(self, which: int, outcome: str) -> None:
        intent = pick(self._of("payment_intent", "processing"), which)["id"]
        self.world.control(f"the debit {intent} {outcome}", f"payment_intents/{intent}/settle", outcome=outcome)

    @precondition(lambda self: self._of("charge", "succeeded"))
    @rule(which=WHICH, whole=st.booleans())
    def refund(self, which: int, *, whole: bool) -> None:
        charge = pick(self._of("charge", "succeeded"), which)
        amount = {} if whole else {"amount": charge["amount"] // 2}
        self.world.control(
            f"{charge['id']} is refunded {'whole' if whole else 'in part'}", f"charges/{charge['id']}/refund", **amount
        )

    @precondition(lambda self: self.world.stripe.objects("refund"))
    @rule(which=WHICH, outcome=st.sampled_from(["succeeded", "failed"]))
    def settle_refund(self, which: int, outcome: str) -> None:
        refund = pick(self.world.stripe.objects("refund"), which)["id"]
        self.world.control(f"the refund {refund} {outcome}", f"refunds/{refund}/settle", outcome=outcome)

    @precondition(lambda self: self._of("charge", "succeeded"))
    @rule(which=WHICH, inquiry=st.booleans())
    def dispute(self, which: int, *, inquiry: bool) -> None:
        charge = pick(self._of("charge", "succeeded"), which)["id"]
        told = f"the bank {'asks about' if inquiry else 'disputes'} {charge}"
        self.world.control(told, f"charges/{charge}/dispute", inquiry=str(inquiry).lower())

    @precondition(lambda self: self._of("charge", "succeeded"))
    @rule(which=WHICH)
    def warn(self, which: int) -> None:
        charge = pick(self._of("charge", "succeeded"), which)["id"]
        self.world.control(f"the issuer calls {charge} a fraud", f"charges/{charge}/warn")

    @precondition(lambda self: self.world.stripe.objects("dispute"))
    @rule(which=WHICH, outcome=st.sampled_from(["won", "lost", "escalated"]))
    def settle_dispute(self, which: int, outcome: str) -> None:
        dispute = pick(self.world.stripe.objects("dispute"), which)["id"]
        self.world.control(f"the dispute {dispute} is {outcome}", f"disputes/{dispute}/settle", outcome=outcome)

    # The network.

    @precondition(lambda self: self.world.undelivered)
    @rule(which=WHICH, copies=st.integers(1, 2))
    def deliver(self, which: int, copies: int) -> None:
        told = pick(self.world.undelivered, which)
        self.world.undelivered.remove(told)
        for _ in range(copies):
            self.world.deliver(told)

    @precondition(lambda self: self.world.undelivered)
    @rule()
    def deliver_all(self) -> None:
        while self.world.undelivered:
            self.world.deliver(self.world.undelivered.pop(0))

    @precondition(lambda self: self.world.events)
    @rule(which=WHICH, number=st.integers(1, 3))
    def deliver_under_another_id(self, which: int, number: int) -> None:
        told = pick(self.world.events, which)
        self.world.deliver(told, id=f"{told['id']}_{number}")

    @precondition(lambda self: self._losable())
    @rule(which=WHICH)
    def lose(self, which: int) -> None:
        lost = pick(self._losable(), which)
        self.world.undelivered.remove(lost)
        self.world.tell(f"{lost['type']} is lost")

    @precondition(lambda self: self._losable())
    @rule()
    def lose_all(self) -> None:
        """The endpoint was down for so long that Stripe has given up."""
        for lost in self._losable():
            self.world.undelivered.remove(lost)
            self.world.tell(f"{lost['type']} is lost")

    @rule(calls=st.integers(1, 2), status=st.sampled_from([429, 500, 503]))
    def stripe_refuses(self, calls: int, status: int) -> None:
        self.world.control(
            f"Stripe refuses {calls} calls by {status}", "faults", failed_calls=calls, failed_status=status
        )

    @rule(calls=st.integers(1, 2))
    def stripe_answers_are_lost(self, calls: int) -> None:
        self.world.control(f"{calls} answers of Stripe are lost", "faults", lost_answers=calls)

    # Time, jobs and crashes.

    @rule(minutes=MINUTES)
    def time_passes(self, minutes: int) -> None:
        self.world.advance(minutes)

    @rule()
    def run_jobs(self) -> None:
        self.world.jobs.run_due()
        self.world.tell("all jobs run")

    @rule()
    def run_some_jobs(self) -> None:
        for batch in reversed(self.world.jobs.claim()):
            self.world.jobs.run(batch)
        self.world.tell("the jobs that are due run")

    @rule(commits=st.integers(0, 5))
    def kill_worker(self, commits: int) -> None:
        batches = self.world.jobs.claim()
        if self.world.jobs.run_killed(batches, commits):
            self.world.abandoned += batches
            self.world.tell(f"the worker is killed at its commit {commits}")

    @rule()
    def leases_run_out(self) -> None:
        self.world.jobs.rescue()
        self.world.tell("all leases run out")

    @precondition(lambda self: self.world.abandoned)
    @rule(which=WHICH)
    def redeliver_message(self, which: int) -> None:
        self.world.jobs.run(pick(self.world.abandoned, which))
        self.world.tell("an old message of the broker arrives again")

    @rule()
    def beat(self) -> None:
        self.world.beat()

    @invariant()
    def rules_hold(self) -> None:
        with self.world.jobs.sessions.begin() as session:
            check = broken_rules if self.world.is_quiet() else rules_at_any_time
            self._require(check(session))
        self.world.steps += 1

    def teardown(self) -> None:
        # A story that failed before keeps its own error.
        if self.world.buyers and sys.exception() is None:
            self.end()
        note("\n".join(self.world.story))

    def end(self) -> None:
        """Stripe answers, banks decide, what is late arrives, what is lost is asked for; then the books must agree."""
        self.world.tell("-- everything comes to its end --")
        self.world.control("Stripe answers again", "faults", failed_calls=0, lost_answers=0)
        for intent in self._of("payment_intent", "processing"):
            self.world.control("the debit succeeds", f"payment_intents/{intent['id']}/settle", outcome="succeeded")
        self.deliver_all()
        # Minutes: orders and sessions end, payments in progress are overdue, and the time after a failed payment ends.
        # What is asked for in one round is told in the next, and the books are read an hour late.
        for minutes in (120, 400, 1500, 70, 70):
            self.world.advance(minutes)
            for refund in self._of("refund", "pending"):
                self.world.control("the refund succeeds", f"refunds/{refund['id']}/settle", outcome="succeeded")
            self.deliver_all()
            self.world.jobs.rescue()
            self.world.beat()
        with self.world.jobs.sessions.begin() as session:
            self._require(discrepancies(session, self.world.stripe))
        self.world.count_ends()

    def _require(self, broken: Sequence[str]) -> None:
        assert not broken, "\n".join([*broken, "-- the story:", *self.world.story])

    def _order(self, which: int) -> int:
        return len(self.world.orders) - 1 - which % len(self.world.orders)

    def _sessions(self) -> list[str]:
        """The sessions that buyers know and can pay."""
        known = {session for order in self.world.orders for session in order.sessions}
        return [one["id"] for one in self._of("checkout.session", "open") if one["id"] in known]

    def _pay(self, session: str, card: str) -> None:
        told = f"{session} is paid by card {card}"
        self.world.control(told, f"sessions/{session}/pay", payment_method=f"pm_card_{card}")

    def _of(self, kind: str, status: str) -> list[Json]:
        return [one for one in self.world.stripe.objects(kind) if one["status"] == status]

    def _losable(self) -> list[Json]:
        """The events that are found by other means when they are lost."""
        return [one for one in self.world.undelivered if one["type"].startswith(tuple(MEANS[self.world.means]))]


@pytest.mark.timeout(7200 if LONG else 300)
def test_whatever_happens_the_books_agree_in_the_end(purchase_world: World) -> None:
    class Machine(PurchaseMachine):
        pass

    Machine.world = purchase_world
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=STORIES,
            stateful_step_count=STEPS,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
            print_blob=False,
        ),
    )
    ends = ", ".join(f"{number} {end}" for end, number in sorted(purchase_world.ends.items()))
    print(f"\n{purchase_world.steps} steps; in the end {ends}")  # noqa: T201 - shown by make chaos
