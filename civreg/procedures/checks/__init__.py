"""Kiểm tra: one small pure function per file, each looking at the answers of a request.

Every module of this folder has `check(answers) -> list[Finding]`; its name is how a catalogue file asks for it.
Adding a check is adding a file. A check never refuses what only a person may decide: it keeps the request for a call.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from civreg.procedures.rules import Answers, Finding

Check = Callable[[Answers], list[Finding]]


def _found() -> dict[str, Check]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}").check for name in names}


CHECKS: Mapping[str, Check] = MappingProxyType(_found())
"""Name of the file → its check."""


def run_checks(names: Iterable[str], answers: Answers) -> tuple[Finding, ...]:
    """Return what these checks find, refusals first."""
    order = {"refuse": 0, "keep_for_call": 1, "warn": 2}
    findings = [finding for name in names for finding in CHECKS[name](answers)]
    return tuple(sorted(findings, key=lambda finding: order[finding.severity]))
