"""Everybody who meets a case, each at a browser of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from playwright.sync_api import BrowserContext

from tests.journeys.family import Family
from tests.journeys.staff import Clerk, Head, Officer, Staff
from tests.journeys.walker import Walker

W = TypeVar("W", bound=Walker)


class Company:
    """Makes people; a live office and a village differ in their accounts and in what happens while somebody waits."""

    def __init__(self, new_context: Callable[..., BrowserContext], url: str) -> None:
        self.new_context, self.url = new_context, url
        self.walkers: list[Walker] = []

    def account(self, role: str) -> tuple[str, str]:
        """Return user name and password of whoever has a role."""
        raise NotImplementedError

    def idle(self) -> None:
        """Let happen what happens elsewhere while a person waits."""

    def _seat(self, kind: type[W], role: str) -> W:
        walker = kind(self.new_context, self.url, role)
        walker.idle = self.idle
        walker.sign_in(*self.account(role))
        self.walkers.append(walker)
        return walker

    def family(self, *, javascript: bool = True) -> Family:
        family = Family(self.new_context, self.url, "family", width=360, javascript=javascript)
        self.walkers.append(family)
        return family

    def officer(self, of: Officer | None = None) -> Officer:
        """Let an officer sit down; with `of`, the same case later on (the session of before has ended)."""
        officer = self._seat(Officer, "officer")
        if of is not None:
            officer.case_path, officer.case_code = of.case_path, of.case_code
        return officer

    def head(self) -> Head:
        return self._seat(Head, "head")

    def clerk(self) -> Clerk:
        return self._seat(Clerk, "clerk")

    def staff(self) -> Staff:
        return self._seat(Staff, "staff")

    def no_address_names(self, *secrets: str) -> None:
        """Nothing personal stood in any address that a browser asked for."""
        for walker in self.walkers:
            for address in walker.addresses:
                assert not [secret for secret in secrets if secret in address], (walker.name, address)
