"""The gateways that routes depend on, made once per process by core.wiring."""

import time
from functools import partial
from typing import Annotated, cast

from fastapi import Depends, Request

from api.deps import SettingsDep
from core.gateways.bulkhead import DEADLINE, Bulkhead
from core.gateways.guard import guarded
from core.ports.payments import PaymentGateway
from core.ports.rooms import RoomGateway
from core.wiring.gateways import payment_gateway, room_gateway


# Asynchronous, as the next one: such functions run one after another, so two first requests make one gateway.
async def get_payment_gateway(request: Request, settings: SettingsDep) -> PaymentGateway:
    """The payment gateway of the settings; shared by all requests, so that its connections stay open."""
    state = request.app.state
    if not hasattr(state, "payment_gateway"):
        state.payment_gateway = payment_gateway(settings)
    return cast("PaymentGateway", state.payment_gateway)


async def _get_bulkhead(request: Request) -> Bulkhead:
    """The bulkhead of all requests that wait for the payment provider."""
    state = request.app.state
    if not hasattr(state, "payment_bulkhead"):
        state.payment_bulkhead = Bulkhead()
    return cast("Bulkhead", state.payment_bulkhead)


async def get_bounded_gateway(
    gateway: Annotated[PaymentGateway, Depends(get_payment_gateway)],
    bulkhead: Annotated[Bulkhead, Depends(_get_bulkhead)],
) -> PaymentGateway:
    """The payment gateway for one request: all its calls share the bulkhead and one deadline."""
    return guarded(gateway, partial(bulkhead.call, deadline=time.monotonic() + DEADLINE))


async def get_room_gateway(request: Request, settings: SettingsDep) -> RoomGateway:
    """The server of live rooms, for one request: with a bulkhead and a deadline of its own."""
    state = request.app.state
    if not hasattr(state, "room_gateway"):
        state.room_gateway, state.room_bulkhead = room_gateway(settings), Bulkhead()
    bulkhead = cast("Bulkhead", state.room_bulkhead)
    return guarded(
        cast("RoomGateway", state.room_gateway), partial(bulkhead.call, deadline=time.monotonic() + DEADLINE)
    )


RoomGatewayDep = Annotated[RoomGateway, Depends(get_room_gateway)]
PaymentGatewayDep = Annotated[PaymentGateway, Depends(get_bounded_gateway)]
