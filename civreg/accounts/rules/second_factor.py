"""Mã xác thực: the six figures an app on one's phone shows for half a minute (TOTP, RFC 6238)."""

from __future__ import annotations

import base64
import secrets

from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP = 30
"""Seconds a code is shown."""
_FIGURES = 6
_SECRET_BYTES = 20
_AROUND = (0, -1, 1)
"""Steps that are tried: the phone's clock may be half a minute off, and typing takes time."""


def new_secret() -> bytes:
    """Return a new random key of 160 bits, as RFC 4226 asks."""
    return secrets.token_bytes(_SECRET_BYTES)


def _totp(secret: bytes) -> TOTP:
    # SHA-1 is what every authenticator app speaks; as an HMAC over an unguessable key it is sound (RFC 6238 1.2)
    return TOTP(secret, _FIGURES, SHA1(), STEP)  # noqa: S303


def matching_step(secret: bytes, typed: str, at: float, last_step: int | None = None) -> int | None:
    """Return the step whose code was typed, or None: wrong, too old, or used before.

    Args:
        secret: the key of the user.
        typed: what was typed; blanks between the figures are forgiven.
        at: the time in seconds since 1970.
        last_step: the step of the last code taken; it and everything before are used up (ASVS 6.5.1).
    """
    figures = "".join(typed.split())
    if len(figures) != _FIGURES or not (figures.isascii() and figures.isdigit()):
        return None
    now = int(at) // STEP
    totp = _totp(secret)
    for step in (now + around for around in _AROUND):
        usable = step >= 0 and (last_step is None or step > last_step)
        if usable and bytes_eq(totp.generate(step * STEP), figures.encode()):
            return step
    return None


def spoken_key(secret: bytes) -> str:
    """Return the key for typing by hand: base32 in groups of four."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def address_of_key(secret: bytes, username: str) -> str:
    """Return the `otpauth://` address that the square code carries to the app."""
    address = _totp(secret).get_provisioning_uri(username, "Hộ tịch tại nhà")
    return address.replace("+", "%20")  # apps show a plus sign as it is; base32 has none
