"""The service that the how-to prints, added to the shipped catalogue for one test."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from civreg.procedures import catalogue

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-procedure.md"
CODE = "health_card_help"


def one_more_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **changed: str) -> Iterator[None]:
    """Let the catalogue hold the how-to's file as well, as long as a fixture that yields from here lives.

    Args:
        tmp_path: where the catalogue stands meanwhile.
        monkeypatch: undone at the end.
        changed: entry of the file → what stands there instead (`limit` = "{ … }").
    """
    printed = re.search(r"```toml\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    assert printed is not None
    text = printed.group(1)
    for entry, value in changed.items():
        text, count = re.subn(rf"^{entry} = .*$", f"{entry} = {value}", text, flags=re.MULTILINE)
        assert count == 1, entry
    folder = tmp_path / "catalogue"
    shutil.copytree(Path(catalogue.__file__).parent, folder)
    (folder / f"{CODE}.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(catalogue, "_FOLDER", folder)
    catalogue.catalogue.cache_clear()
    yield
    monkeypatch.undo()
    catalogue.catalogue.cache_clear()
