"""Thẻ chép: the facts of a case in the fields and the order of the Ministry's screen, written as it wants them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from civreg.procedures.rules.screens import EntryScreen, ScreenField
from civreg.shared.partial_date import PartialDate
from civreg.shared.text import capitals, date_in_words, number_in_words

Fact = str | PartialDate


@dataclass(frozen=True)
class CopyField:
    """One field to copy.

    Attributes:
        fact: which fact fills it; leads an empty one to where it is typed.
        value: what is copied; empty when there is nothing.
        said: what stands instead of an empty value.
        is_missing: the register wants it and nobody typed it.
    """

    label: str
    fact: str
    value: str
    said: str = ""
    is_missing: bool = False


@dataclass(frozen=True)
class CopySection:
    """One section of the screen; `note` stands instead of fields that stay empty."""

    title: str
    fields: tuple[CopyField, ...]
    note: str = ""


def copy_sections(screen: EntryScreen, facts: Mapping[str, Fact]) -> tuple[CopySection, ...]:
    """Return the sections of a screen filled with the facts of a case (thẻ chép)."""
    return tuple(
        CopySection(section.title, (), section.left_out_note)
        if section.left_out_when and facts.get(section.left_out_when)
        else CopySection(section.title, tuple(_filled(field, facts) for field in section.fields))
        for section in screen.sections
    )


def _filled(field: ScreenField, facts: Mapping[str, Fact]) -> CopyField:
    if not field.fact:
        return CopyField(field.label, "", "", field.note)
    value = _written(field, facts.get(field.fact, ""))
    if value:
        return CopyField(field.label, field.fact, value)
    if field.optional:
        return CopyField(field.label, field.fact, "", "Chưa có")
    return CopyField(field.label, field.fact, "", "Chưa ghi trong hồ sơ.", is_missing=True)


def _written(field: ScreenField, fact: Fact) -> str:
    if isinstance(fact, PartialDate):
        return partial_in_words(fact) if field.style == "date_in_words" else partial_in_numbers(fact)
    return capitals(fact) if field.style == "capitals" else fact


def partial_in_numbers(day: PartialDate) -> str:
    """Return a day as dd/mm/yyyy as far as it is known: "02/11/2026", "11/2026", "1998"; empty when unknown."""
    parts = [f"{part:02d}" for part in (day.day, day.month) if part is not None]
    return "/".join([*parts, str(day.year)]) if day.year is not None else ""


def partial_in_words(day: PartialDate) -> str:
    """Return a day in words as far as it is known; empty when unknown.

    >>> partial_in_words(PartialDate(2026, 4))
    'Tháng tư năm hai nghìn không trăm hai mươi sáu'
    """
    whole = day.as_date()
    if whole:
        return date_in_words(whole)
    if day.year is None:
        return ""
    year = f"năm {number_in_words(day.year)}"
    if day.month is None:
        return year.capitalize()
    return f"Tháng {'tư' if day.month == 4 else number_in_words(day.month)} {year}"


def card_text(sections: tuple[CopySection, ...]) -> str:
    """Return the whole card as lines of "label: value"; what is empty is left out."""
    blocks = []
    for section in sections:
        lines = [f"{field.label}: {field.value}" for field in section.fields if field.value]
        if lines:
            blocks.append("\n".join([section.title.upper(), *lines]))
    return "\n\n".join(blocks)
