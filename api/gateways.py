"""The adapters that routes ask for, made once a process by the composition root."""

from typing import Annotated, cast

from fastapi import Depends, Request

from api.deps import SettingsDep
from core.ports.payments import PaymentGateway
from core.wiring import payment_gateway


def get_payment_gateway(request: Request, settings: SettingsDep) -> PaymentGateway:
    """Takes payments, as the settings ask; one for all requests, so that its connections stay open."""
    state = request.app.state
    if not hasattr(state, "payment_gateway"):
        state.payment_gateway = payment_gateway(settings)
    return cast("PaymentGateway", state.payment_gateway)


PaymentGatewayDep = Annotated[PaymentGateway, Depends(get_payment_gateway)]
