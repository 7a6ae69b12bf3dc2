"""The phone of a user in tests: knows the key and shows the code of the moment."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy.orm import Session

from civreg.accounts import service
from civreg.accounts.rules import Actor
from civreg.shared import clock
from tests.world import PASSWORD


@dataclass(frozen=True)
class Phone:
    """An authenticator app with one key."""

    secret: bytes

    @classmethod
    def with_key(cls, typed: str) -> Phone:
        """Return the phone into which the key was typed by hand."""
        return cls(base64.b32decode(typed.replace(" ", "")))

    def code(self, later: timedelta = timedelta()) -> str:
        """Return what it shows now, or some time later."""
        at = (clock.now() + later).timestamp()
        return TOTP(self.secret, 6, SHA1(), 30).generate(int(at)).decode()


def enrol(session: Session, actor: Actor) -> Phone:
    """Switch the second factor on a quarter of an hour ago, so that the code of now is still unused."""
    with clock.travelling(clock.now() - timedelta(minutes=15)):
        service.start_second_factor(session, actor, PASSWORD)
        secret = service.unconfirmed_secret(session, actor)
        assert secret is not None
        phone = Phone(secret)
        service.confirm_second_factor(session, actor, phone.code())
    session.flush()
    return phone
