"""WSGI entry and `flask --app app`."""

from __future__ import annotations

from civreg.factory import create_app

app = create_app()
