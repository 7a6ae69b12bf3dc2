"""The village of the journeys: one for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext

from tests.journeys.village import Village, open_village


@pytest.fixture
def village(fresh_app: Flask, new_context: Callable[..., BrowserContext]) -> Iterator[Village]:
    with open_village(fresh_app, new_context) as village:
        yield village
