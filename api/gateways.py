"""The gateways that routes depend on, made once per process by core.wiring."""

from typing import Annotated, cast

from fastapi import Depends, Request

from api.deps import SettingsDep
from core.ports.payments import PaymentGateway
from core.wiring import payment_gateway


def get_payment_gateway(request: Request, settings: SettingsDep) -> PaymentGateway:
    """The payment gateway of the settings; shared by all requests, so that its connections stay open."""
    state = request.app.state
    if not hasattr(state, "payment_gateway"):
        state.payment_gateway = payment_gateway(settings)
    return cast("PaymentGateway", state.payment_gateway)


PaymentGatewayDep = Annotated[PaymentGateway, Depends(get_payment_gateway)]
