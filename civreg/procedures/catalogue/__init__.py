"""Danh mục thủ tục giao kèm: reads the TOML files of this folder, strictly, into frozen procedures.

A file has `code`, `title_vi`, a table `[common]` that holds for all versions, and `[[versions]]` that replace
single entries of it. A file that does not fit the shape stops the start, naming file and entry. Where a legal text can
be read stands once, in `legal_texts/addresses.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from civreg.procedures.checks import CHECKS
from civreg.procedures.rules import LegalText, Procedure, ProcedureVersion
from civreg.shared.errors import Refusal

_FOLDER = Path(__file__).parent


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
    except (ValidationError, KeyError) as fault:
        raise CatalogueError(f"{path.name}: {fault}") from fault
    for version in procedure.versions:
        unknown = set(version.checks) - set(CHECKS)
        if unknown:
            raise CatalogueError(f"{path.name}: {version.id} asks for unknown checks {sorted(unknown)}")
    if procedure.code != path.stem:
        raise CatalogueError(f"{path.name}: its code is {procedure.code}")
    return procedure


def _whole_version(code: str, common: Mapping[str, Any], version: Mapping[str, Any]) -> dict[str, Any]:
    own = {"procedure": code, "id": f"{code}@{version['effective_from']}"}
    whole = {**common, **version, **own}
    texts = [LegalText.model_validate(text) for text in whole.get("legal_basis", ())]
    return {**whole, "legal_basis": [_with_address(text) for text in texts]}


def _with_address(text: LegalText) -> LegalText:
    known = _addresses().get(text.document, "")
    return text if text.address else text.model_copy(update={"address": known})


@cache
def _addresses() -> Mapping[str, str]:
    path = _FOLDER / "legal_texts" / "addresses.toml"
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
