"""Sửa lời của một quy định: another sentence for a rule that is plain words, where the catalogue is not sure of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from civreg.procedures.rules.legal import Certainty, Frozen, Grounded
from civreg.procedures.rules.shapes import ProcedureVersion

_Rule = TypeVar("_Rule", bound=Frozen)


def reworded(
    version: ProcedureVersion, path: str, words: str, source: str, certainty: Certainty
) -> ProcedureVersion:
    """Return the version with an office's words for one rule; a path that the version does not have changes nothing.

    Args:
        version: what holds so far.
        path: of the rule, as `RuleItem` names it.
        words: what the office says instead; of "who" and "results" one line each.
        source: where that is written.
        certainty: how sure the source is.
    """
    written = {"legal_basis": (), "read_in": "", "source": source, "certainty": certainty}
    own = {"legal_basis": (), "read_in": source, "certainty": certainty}
    kind, _, code = path.partition(".")
    update: dict[str, Any] = {}
    match kind:
        case "late_fee" | "competent" | "choice" | "conflict" if getattr(version, kind) is not None:
            update = {kind: getattr(version, kind).model_copy(update={"words": words, **written})}
        case "cost" | "who" | "results" | "portal_codes" | "register_remark":
            update = {
                **_said(version, kind, words),
                "grounds": {**version.grounds, kind: Grounded(source=source, certainty=certainty)},
            }
        case "papers":
            own |= {"title": words, "note": "", "substitutes": ()}
            update = {
                "papers": _with(version.papers, "code", code, own),
                "special_papers": _with(version.special_papers, "code", code, own),
            }
        case "never_ask":
            update = {"never_ask": _with(version.never_ask, "what", code, {"said": words, **own})}
        case "fee_reliefs" | "warnings" | "eligibility":
            update = {kind: _with(getattr(version, kind), "code", code, {"words": words, **written})}
    return version.model_copy(update=update)


def _said(version: ProcedureVersion, kind: str, words: str) -> dict[str, Any]:
    """Return what the version says otherwise; names of papers and remarks stand in the middle of sentences elsewhere."""
    lines = tuple(words.split("\n"))
    match kind:
        case "who":
            return {"who_may_ask": lines}
        case "portal_codes":
            return {"portal_codes": tuple(code.strip() for code in words.split(","))}
        case "register_remark":
            return {kind: words.rstrip(".")}
        case "results":
            papers = [line.rstrip(".") for line in lines]
            if len(papers) != len(version.parts):
                return {}
            renamed = (
                part.model_copy(update={"result_paper": paper})
                for part, paper in zip(version.parts, papers, strict=True)
            )
            return {"parts": tuple(renamed)}
    return {kind: words}


def _with(rules: Iterable[_Rule], key: str, wanted: str, update: dict[str, Any]) -> tuple[_Rule, ...]:
    return tuple(rule.model_copy(update=update) if getattr(rule, key) == wanted else rule for rule in rules)
