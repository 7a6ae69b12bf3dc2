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
        words: what the office says instead; of "who", one line for each sentence.
        source: where that is written.
        certainty: how sure the source is.
    """
    written = {"legal_basis": (), "read_in": "", "source": source, "certainty": certainty}
    own = {"legal_basis": (), "read_in": source, "certainty": certainty}
    kind, _, code = path.partition(".")
    update: dict[str, Any] = {}
    match kind:
        case "late_fee" if version.late_fee is not None:
            update = {"late_fee": version.late_fee.model_copy(update={"words": words, **written})}
        case "competent":
            update = {"competent": version.competent.model_copy(update={"words": words, **written})}
        case "choice" if version.choice is not None:
            update = {"choice": version.choice.model_copy(update={"words": words, **written})}
        case "cost" | "who":
            said = {"cost": words} if kind == "cost" else {"who_may_ask": tuple(words.split("\n"))}
            update = {
                **said,
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
        case "eligibility":
            update = {"eligibility": _with(version.eligibility, "code", code, {"words": words, **written})}
    return version.model_copy(update=update)


def _with(rules: Iterable[_Rule], key: str, wanted: str, update: dict[str, Any]) -> tuple[_Rule, ...]:
    return tuple(rule.model_copy(update=update) if getattr(rule, key) == wanted else rule for rule in rules)
