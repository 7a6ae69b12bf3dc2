"""Trang đầu: what the service is, and the two things a family comes for."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template

from civreg.web.access import page

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@page(public=True)
def show() -> str:
    """Show the first page; needs no database."""
    settings = current_app.extensions["civreg_settings"]
    return render_template("home/home.html", hotline=settings.hotline)
