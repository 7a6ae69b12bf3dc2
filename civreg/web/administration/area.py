"""The blueprint that the pages of the area hang on."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("administration", __name__, url_prefix="/quan-tri")
