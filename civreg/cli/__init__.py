"""Dòng lệnh: one file per feature; each offers `commands`, which `init_app` hangs under `flask --app app`.

Commands parse, call one service or rule, print. With `--json` one object goes to standard output and nothing else;
errors are one Vietnamese sentence on standard error: status 2 for bad arguments or input, 1 for a refused action.
"""

from __future__ import annotations

import importlib
import pkgutil

from flask import Flask

from civreg.cli.vietnamese import VietnameseAppGroup

_LOADED_WHEN_USED = {"plan-route": "civreg.cli.routes"}
"""Commands whose module is heavy (the route solver): a web process must not pay for them at its start."""


def init_app(app: Flask) -> None:
    """Hang every command of this folder under `flask --app app`."""
    group = VietnameseAppGroup(app.name)
    group.later = dict(_LOADED_WHEN_USED)
    for module in sorted(module.name for module in pkgutil.iter_modules(__path__, prefix=f"{__name__}.")):
        if module not in _LOADED_WHEN_USED.values():
            for command in getattr(importlib.import_module(module), "commands", []):
                group.add_command(command)
    for command in app.cli.commands.values():
        group.add_command(command)
    app.cli = group
