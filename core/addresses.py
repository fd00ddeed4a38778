"""What the address of a host says about it."""

from ipaddress import ip_address, ip_network


def is_private(host: str) -> bool:
    """Whether a host is an address of this machine or of a private network."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def is_network(value: str) -> bool:
    """Whether a text is an address or a network of addresses."""
    try:
        ip_network(value)
    except ValueError:
        return False
    return True
