"""Thủ tục: the shape of a procedure, its answers and findings, and full ages. Pure.

Rooms: `shapes` (what a catalogue file may say), `answers` (what checks are asked about), `ages` (full years).
"""

from civreg.procedures.rules.ages import MARRIAGE_AGE, Sex, full_age_on, marriage_possible_from
from civreg.procedures.rules.answers import Answers, Finding, PersonFacts, Severity
from civreg.procedures.rules.shapes import (
    Certainty,
    Circumstance,
    CitizenDeadline,
    EligibleReason,
    Limit,
    LinkKind,
    OverallLimit,
    Paper,
    PartRule,
    Procedure,
    ProcedureVersion,
    Recognition,
    Signer,
    SpecialPaper,
    limit_sentence,
)

__all__ = [
    "MARRIAGE_AGE",
    "Answers",
    "Certainty",
    "Circumstance",
    "CitizenDeadline",
    "EligibleReason",
    "Finding",
    "Limit",
    "LinkKind",
    "OverallLimit",
    "Paper",
    "PartRule",
    "PersonFacts",
    "Procedure",
    "ProcedureVersion",
    "Recognition",
    "Severity",
    "Sex",
    "Signer",
    "SpecialPaper",
    "full_age_on",
    "limit_sentence",
    "marriage_possible_from",
]
