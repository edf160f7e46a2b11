"""Who a web customer is: a token that the shop's own server signed, and that nobody else can make.

    ID.EXPIRES.SIGNATURE

ID is the customer's key in the shop's files, EXPIRES seconds since 1970, SIGNATURE the HMAC-SHA-256 of "ID.EXPIRES" in
hexadecimal, with SALESCLERK_IDENTITY_SECRET as the key: one line in any language (docs/widget.md).
"""

from __future__ import annotations

import hashlib
import hmac
import re

LONGEST_VALID = 3600  # seconds a token may last: it stands in a page, and pages are kept and shared
CLOCKS_DIFFER = 60  # seconds by which the shop's clock may be ahead of ours
LONGEST_TOKEN = 400
_SHAPE = re.compile(
    r"(?P<signed>(?P<key>.{1,200})\.(?P<expires>\d{1,12}))\.(?P<signature>[0-9a-f]{64})", re.ASCII | re.S
)


class IdentityRefused(Exception):
    """The token proves nothing; str() says why, in a sentence for the shop's engineer."""


class CustomerTokens:
    def __init__(self, secret: bytes) -> None:
        """Without a secret nobody can sign in."""
        self._secret = secret

    def customer_of(self, token: str, now: float) -> str:
        """The key of the customer whom the shop vouches for; raises IdentityRefused."""
        if not self._secret:
            raise IdentityRefused("Customers cannot sign in here: SALESCLERK_IDENTITY_SECRET is not set.")
        parts = _SHAPE.fullmatch(token)
        if parts is None:
            raise IdentityRefused("The customer token is not of the form ID.EXPIRES.SIGNATURE.")
        if not hmac.compare_digest(self._signature(parts["signed"]), parts["signature"]):
            raise IdentityRefused("The customer token was not signed with this shop's secret.")
        expires = int(parts["expires"])
        if expires <= now:
            raise IdentityRefused("The customer token has expired.")
        if expires > now + LONGEST_VALID + CLOCKS_DIFFER:
            raise IdentityRefused(f"The customer token is valid for too long: {LONGEST_VALID} seconds at most.")
        return parts["key"]

    def sign(self, key: str, expires: int) -> str:
        """What the shop's server does."""
        signed = f"{key}.{expires}"
        return f"{signed}.{self._signature(signed)}"

    def _signature(self, signed: str) -> str:
        return hmac.new(self._secret, signed.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
