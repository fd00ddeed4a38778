"""Where a request comes from."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated

from fastapi import Depends, Request

from core.accounts.sessions import Client


def network_of(host: str) -> str:
    """The network to count: an IPv4 address itself, or the /64 of an IPv6 address, which one customer owns."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return str(address)


async def get_client(request: Request) -> Client:
    """The program and the network of the client."""
    host = request.client.host if request.client else ""
    return Client(request.headers.get("user-agent", ""), network_of(host))


ClientDep = Annotated[Client, Depends(get_client)]
