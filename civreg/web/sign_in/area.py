"""The blueprint of the pages, and where one lands after signing in."""

from __future__ import annotations

from flask import Blueprint, url_for

from civreg.accounts.rules import Actor
from civreg.web.access import section_paths

blueprint = Blueprint("sign_in", __name__)


def first_path(actor: Actor) -> str:
    """Return the first area the user may enter: where one lands after signing in."""
    paths = section_paths(actor)
    return paths[0] if paths else url_for("sign_in.change_password")
