"""Các tiến trình của civreg: the commands of worker, beat and web server, and what runs before them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from civreg.stack.processes import Program

PROJECT = Path(__file__).resolve().parents[2]
"""Where app.py lies."""

_FLASK = (sys.executable, "-m", "flask", "--app", "app")
_CELERY = (sys.executable, "-m", "celery", "--app", "workers.celery_app")


def first_commands(*, demo: bool) -> list[tuple[str, ...]]:
    """Return what runs once the servers answer: migrate and load (again: changes nothing), then the demo."""
    commands: list[tuple[str, ...]] = [(*_FLASK, "init")]
    if demo:
        commands.append((*_FLASK, "load-demo"))
    return commands


def civreg_programs(var: Path, host: str, port: int, environment: Mapping[str, str]) -> list[Program]:
    """Return web server, worker and beat: the page is what a person waits for."""
    return [
        _program("web", environment, *_gunicorn(host, port)),
        _program(
            "worker",
            environment,
            *_CELERY,
            "worker",
            "--concurrency=2",
            "--loglevel=WARNING",
            "--without-gossip",
            "--without-mingle",
        ),
        _program(
            "beat",
            environment,
            *_CELERY,
            "beat",
            "--loglevel=WARNING",
            "--pidfile=",
            f"--schedule={var / 'beat-schedule'}",
        ),
    ]


def _gunicorn(host: str, port: int) -> tuple[str, ...]:
    """The web server; how many workers and which limits stands in gunicorn.conf.py beside app.py."""
    return (sys.executable, "-m", "gunicorn", "app:app", "--bind", f"{host}:{port}")


def _program(name: str, environment: Mapping[str, str], *command: str) -> Program:
    return Program(name=name, command=command, environment=environment, folder=PROJECT)
