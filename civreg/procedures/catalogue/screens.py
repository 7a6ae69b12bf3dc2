"""Màn hình nhập giao kèm: reads `entry_screens/*.toml`, one file for each event that is registered."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from civreg.procedures.rules.screens import EntryScreen

_FOLDER = Path(__file__).parent / "entry_screens"


@cache
def entry_screens() -> Mapping[str, EntryScreen]:
    """Return every shipped screen by its occasion; what nobody types a second time (thuế) has none.

    Raises:
        ValueError: naming a file that does not fit the shape.
    """
    found: dict[str, EntryScreen] = {}
    for path in sorted(_FOLDER.glob("*.toml")):
        try:
            screen = EntryScreen.model_validate(tomllib.loads(path.read_text("utf-8")))
        except ValidationError as fault:
            raise ValueError(f"{path.name}: {fault}") from fault
        found[screen.occasion] = screen
    return MappingProxyType(found)
