"""Danh mục thủ tục giao kèm: reads the TOML files of this folder, strictly, into frozen procedures.

A file has `code`, `title_vi`, a table `[common]` that holds for all versions, and `[[versions]]` that replace
single entries of it. A file that does not fit the shape stops the start, naming file and entry. What is known of a legal
text stands once, in `legal_texts/texts.toml`; what a check looks at, in `legal_texts/warnings.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from pydantic import ValidationError

from civreg.procedures.checks import CHECKS
from civreg.procedures.rules import LegalText, Procedure, ProcedureVersion, ReportLine, SlipName
from civreg.shared.errors import Refusal

_FOLDER = Path(__file__).parent
_NAMES: Mapping[str, frozenset[str]] = {
    "checks": frozenset(CHECKS),
    "slips": frozenset(get_args(SlipName)),
    "report_lines": frozenset(get_args(ReportLine)),
}
"""Lists of a version that name what the program knows how to do."""


class CatalogueError(Exception):
    """A catalogue file cannot be used; the message names file and entry for whoever edits it."""


def read_procedure(path: Path) -> Procedure:
    """Return the procedure that one file describes.

    Raises:
        CatalogueError: when the file does not fit the shape, or asks for a check that does not exist.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        common, code = table.pop("common", {}), table["code"]
        versions = [_whole_version(code, common, version) for version in table.pop("versions", [])]
        procedure = Procedure.model_validate({**table, "versions": versions})
    except (ValidationError, KeyError, CatalogueError) as fault:
        raise CatalogueError(f"{path.name}: {fault}") from fault
    if procedure.code != path.stem:
        raise CatalogueError(f"{path.name}: its code is {procedure.code}")
    return procedure


def _whole_version(code: str, common: Mapping[str, Any], version: Mapping[str, Any]) -> dict[str, Any]:
    whole = {**common, **version, "procedure": code, "id": f"{code}@{version['effective_from']}"}
    for entry, known in _NAMES.items():
        unknown = sorted(set(whole.get(entry, ())) - known)
        if unknown:
            raise CatalogueError(f"{whole['id']} names unknown {entry} {unknown}; there are {sorted(known)}")
    warned = _table("warnings")
    if silent := sorted(set(whole.get("checks", ())) - set(warned)):
        raise CatalogueError(f"legal_texts/warnings.toml does not say what {silent} look at")
    whole["warnings"] = [{"code": name, **warned[name]} for name in whole.get("checks", ())]
    found: dict[str, Any] = _with_texts(whole, (whole["effective_from"], whole.get("effective_to", date.max)))
    return found


def _with_texts(entry: Any, days: tuple[date, date]) -> Any:
    """Return an entry of a file with what is known of every legal text in it (`_known`)."""
    if isinstance(entry, list):
        return [_with_texts(one, days) for one in entry]
    if not isinstance(entry, dict):
        return entry
    return {
        name: [_known(text, days) for text in value] if name == "legal_basis" else _with_texts(value, days)
        for name, value in entry.items()
    }


def _known(given: Any, days: tuple[date, date]) -> LegalText:
    """Return a legal text with its address and how sure its articles are.

    Raises:
        CatalogueError: the text is written short and is not known, it has no such article, or it held on none of the days.
    """
    text = LegalText.model_validate(given)
    known = _table("texts").get(text.document)
    if known is None:
        if isinstance(given, str):
            raise CatalogueError(f"{text.document} is not in legal_texts/texts.toml; write it as a table")
        return text
    sure = known.get("articles", {})
    missing = [article for article in text.articles if article not in sure]
    if missing:
        raise CatalogueError(f"{text.document}: legal_texts/texts.toml knows no {', '.join(missing)}")
    if days[1] < known.get("since", date.min) or days[0] > known.get("until", date.max):
        raise CatalogueError(f"{text.document} did not hold from {days[0]} to {days[1]}")
    divided = known.get("divided", True)
    worst = max((sure[article] for article in text.articles), default="D" if divided else None)
    return text.model_copy(
        update={"address": text.address or known.get("address", ""), "divided": divided, "certainty": worst}
    )


@cache
def _table(name: str) -> Mapping[str, Any]:
    path = _FOLDER / "legal_texts" / f"{name}.toml"
    return MappingProxyType(tomllib.loads(path.read_text(encoding="utf-8")))


@cache
def catalogue() -> Mapping[str, Procedure]:
    """Return every shipped procedure by its code.

    Raises:
        CatalogueError: when a file cannot be used.
    """
    procedures = (read_procedure(path) for path in sorted(_FOLDER.glob("*.toml")))
    return MappingProxyType({procedure.code: procedure for procedure in procedures})


def procedure_of(code: str) -> Procedure:
    """Return the procedure with that code.

    Raises:
        Refusal: when there is none; the sentence lists the codes.
    """
    found = catalogue().get(code)
    if found is None:
        raise Refusal(
            f"Không có thủ tục “{code}”. Các mã dùng được: {', '.join(catalogue())}.", field="procedure"
        )
    return found


def version_on(code: str, day: date) -> ProcedureVersion:
    """Return the version of a procedure that holds on a day (phiên bản theo ngày).

    Raises:
        Refusal: when there is no such procedure, or none yet on that day.
    """
    return procedure_of(code).on(day)


def version_by_id(version_id: str) -> ProcedureVersion:
    """Return the version whose id a case stored ("birth_mobile@2025-07-01").

    Raises:
        Refusal: when the catalogue no longer has it.
    """
    procedure = procedure_of(version_id.partition("@")[0])
    for version in procedure.versions:
        if version.id == version_id:
            return version
    raise Refusal(f"Danh mục không còn phiên bản “{version_id}”. Ông/bà báo người quản trị.")
