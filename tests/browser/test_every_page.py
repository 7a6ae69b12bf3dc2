"""Every page of the access matrix in a real browser, on a phone and at a desk: no axe violation, nothing wider than the page.

A step that the case of the matrix is not at is seen as the page that says so; its form is seen by the journeys.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page

from civreg.accounts.rules import Role
from civreg.shared import clock
from civreg.shared.database import transaction
from tests import world as small
from tests.serving import served
from tests.web.access_matrix import PEOPLE, ROWS, Row
from tests.web.access_world import AccessWorld, build_access_world
from tests.widths import DESK, PHONE, fits
from tests.world import MONDAY, PASSWORD

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("CIVREG_SHOTS", "")
PIECES = {"intake.suggest_communes"}
"""Pieces that a page of its own takes in."""
FILES = (".pdf", ".csv", ".xlsx", ".jpg")


@dataclass(frozen=True)
class Site:
    """The application at the moment of its objects."""

    url: str
    world: AccessWorld


@pytest.fixture
def site(fresh_app: Flask) -> Iterator[Site]:
    with fresh_app.app_context(), clock.travelling(MONDAY):
        session = fresh_app.extensions["sqlalchemy"].session()
        with transaction(session):
            world = build_access_world(session)
            small._user(session, "auditor", Role.AUDITOR, world.people.province, "Lý Thị Kiểm")

    def on_that_monday(environ: Any, start: Any) -> Iterable[bytes]:
        with clock.travelling(MONDAY):
            return fresh_app(environ, start)

    with served(on_that_monday) as url:
        yield Site(url, world)


def reader_of(row: Row) -> str:
    """Return the first person who may open the own unit's page, a signed-in one before the public."""
    expected = row.expected()
    if set(expected.values()) == {"o"}:
        return "anonymous"
    return next((person for person in PEOPLE if expected[person].startswith("o")), "auditor")


def test_every_page_is_readable_by_everybody(site: Site, new_context: Callable[..., BrowserContext]) -> None:
    pages: dict[str, Page] = {}
    wrong: list[str] = []
    for row in ROWS:
        path = site.world.own.fill(row.path)
        if row.method != "GET" or row.endpoint in PIECES or path.partition("?")[0].endswith(FILES):
            continue
        person = reader_of(row)
        page = pages.get(person) or pages.setdefault(person, signed_in(site, new_context(), person))
        answer = page.goto(site.url + path)
        assert answer is not None
        if answer.headers["content-type"].startswith("text/html"):  # the rest is for machines
            wrong += list(faults(page, row))
    assert not wrong, "\n".join(wrong)


def signed_in(site: Site, context: BrowserContext, person: str) -> Page:
    page = context.new_page()
    if person != "anonymous":
        page.goto(f"{site.url}/dang-nhap")
        page.fill("#username", person)
        page.fill("#password", PASSWORD)
        with page.expect_navigation():
            page.get_by_role("button", name="Đăng nhập").first.click()
    return page


def faults(page: Page, row: Row) -> Iterator[str]:
    """Yield what is wrong with the page at both widths."""
    for width in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 760})
        if not fits(page):
            yield f"{row.endpoint} {width}: wider than the screen"
        if SHOTS:
            page.screenshot(path=str(Path(SHOTS) / f"{row.endpoint}-{width}.png"), full_page=True)
        for found in Axe().run(page).response["violations"]:
            yield f"{row.endpoint} {width}: {found['id']} {[node['html'] for node in found['nodes']][:3]}"
