"""Người ghé trang: what stands for one visitor where tries are counted."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from flask import request


def visitor_address() -> str:
    """Return the address that tries are counted under; of IPv6 the network, since one house owns all 2^64 of it."""
    return counted_as(request.remote_addr or "")


def counted_as(address: str) -> str:
    """Return the address as it is counted: IPv4 whole (also when mapped into IPv6), IPv6 by its /64."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return address
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ip_network((known, 64), strict=False))
