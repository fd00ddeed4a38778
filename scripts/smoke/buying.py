"""The student's first part: an account, and three purchases."""

from http import HTTPStatus
from typing import Final

from scripts.smoke.scene import Part, Scene
from scripts.smoke.surprise import expect
from scripts.smoke.teaching import COURSE_PRICE, SEMINAR_PRICE, SERVICE_PRICE

# A course, a service and a seminar.
ORDERS: Final = 3


def _accounts(scene: Scene) -> str:
    for person in (scene.student, scene.stranger):
        person.register()
        person.prove_address()
        person.log_in()
    return scene.student.email


def _unpaid_lesson(scene: Scene) -> str:
    path = f"/courses/{scene.course_id}/lessons"
    scene.student.get(f"{path}/{scene.lesson_ids[0]}")
    refusal = scene.student.is_refused(HTTPStatus.FORBIDDEN, "lesson_locked", "GET", f"{path}/{scene.lesson_ids[1]}")
    return f"{refusal}; the preview is readable"


def _order_course(scene: Scene) -> str:
    scene.course_order, note = _order(scene, {"course_id": scene.course_id}, COURSE_PRICE)
    return note


def _pay_course(scene: Scene) -> str:
    return _pay(scene, scene.course_order)


def _order_service(scene: Scene) -> str:
    scene.service_order, note = _order(scene, {"service_id": scene.service_id}, SERVICE_PRICE)
    return note


def _pay_service(scene: Scene) -> str:
    return _pay(scene, scene.service_order)


def _order_seat(scene: Scene) -> str:
    scene.seminar_order, note = _order(scene, {"seminar_id": scene.seminar_id}, SEMINAR_PRICE)
    return note


def _pay_seat(scene: Scene) -> str:
    return _pay(scene, scene.seminar_order)


def _receipts(scene: Scene) -> str:
    student = scene.student
    student.wait_for(lambda: student.receipts() >= ORDERS or None, "each order has a receipt")
    expect(student.receipts() == ORDERS, f"{ORDERS} receipts", student.receipts())
    return f"{ORDERS} orders, {ORDERS} receipts"


def _order(scene: Scene, item: dict[str, str], price: int) -> tuple[str, str]:
    order = scene.student.send("POST", "/orders", {"items": [item]})
    expect(order["total_amount"] == price, f"the order is over {price}", order["total_amount"])
    return order["id"], f"{price / 100:.2f} {order['currency']}"


def _pay(scene: Scene, order_id: str) -> str:
    scene.student.pay(order_id)
    scene.student.wait_for_order(order_id, "fulfilled")
    return "paid at the emulator, fulfilled"


BUYING: Part = {
    "two accounts": _accounts,
    "unpaid lesson": _unpaid_lesson,
    "order course": _order_course,
    "pay course": _pay_course,
    "order service": _order_service,
    "pay service": _pay_service,
    "order seat": _order_seat,
    "pay seat": _pay_seat,
    "receipts": _receipts,
}
