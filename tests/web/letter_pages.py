"""What tests of the letter pages share: a drafted letter, and the tabs of the list as a person reads them."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from civreg.letters.queries import LetterRow
from tests.letters.flow import letter_of, registered
from tests.world import World


def draft(session: Session, world: World, **changes: Any) -> LetterRow:
    """Register a case and return its drafted letter."""
    return letter_of(session, registered(session, world, **changes))


def tabs(page: TestResponse) -> dict[str, int]:
    """Return the count that stands on each tab."""
    found = re.findall(r'>([^<>]+)&nbsp;<span class="tally">([\d.]+)</span></a></li>', page.text)
    return {words: int(count) for words, count in found}
