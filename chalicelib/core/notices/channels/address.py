"""Addresses that a notice may be sent to: those of the public internet, and no other."""

from __future__ import annotations

import ipaddress

# They hold an IPv4 address that the network connects to in their place, a private one too.
# Sources: https://www.rfc-editor.org/rfc/rfc6052 (NAT64), https://www.rfc-editor.org/rfc/rfc3056
_CARRIERS = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"))


def is_public(address: str) -> bool:
    """Whether `address`, as a resolver gives it, is none of a network of one's own.

    Private, link-local (the metadata service among them), loopback, shared, multicast and
    reserved addresses are not public.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if any(found in each for each in _CARRIERS):
            return False
        found = found.ipv4_mapped or found
    return found.is_global and not found.is_multicast
