"""Each service from the family's phone to the figure of the month, in a browser for each person."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext

from civreg.procedures.catalogue import catalogue, version_on
from tests.answers import typed
from tests.journeys.family import Family
from tests.journeys.village import Village, open_village

pytestmark = pytest.mark.browser


@pytest.fixture
def village(fresh_app: Flask, new_context: Callable[..., BrowserContext]) -> Iterator[Village]:
    with open_village(fresh_app, new_context) as village:
        yield village


def asks(village: Village, procedure: str, **changes: str) -> Family:
    """Let a family of Trà Cú ask for a service on its phone; return it with its receipt."""
    rules = version_on(procedure, village.now.date())
    family = village.family()
    family.begin(rules.title_vi)
    family.commune("tra cu", "Xã Trà Cú, tỉnh Vĩnh Long")
    family.tells(typed(rules.occasion) | changes)
    family.send()
    return family


@pytest.mark.parametrize("procedure", sorted(catalogue()))
def test_service(village: Village, procedure: str) -> None:
    asks(village, procedure)
    officer = village.officer()
    officer.finds_call("Thạch")
    officer.calls()
    officer.books_in_two_taps()
    village.let_the_visit_come(officer.case_code)
    officer.goes_there()
    officer.takes_papers()
