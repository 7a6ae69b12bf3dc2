"""Màn hình nhập của phần mềm hộ tịch: which fields it asks in which order, as data with source and certainty."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from civreg.procedures.rules.legal import Certainty, Frozen
from civreg.procedures.rules.shapes import Occasion

Style = Literal["text", "capitals", "date", "date_in_words"]


class ScreenField(Frozen):
    """Một ô của màn hình.

    Attributes:
        label: as the register names it.
        fact: which fact of a case fills it ("child.full_name", "register.number"); empty when civreg keeps none.
        style: how it is written; names in capitals, days as dd/mm/yyyy or in words.
        optional: an empty one needs nothing.
        note: what to do when civreg keeps no such fact.
    """

    label: str = Field(min_length=2)
    fact: str = Field(default="", pattern=r"^([a-z]+\.[a-z_]+)?$")
    style: Style = "text"
    optional: bool = False
    note: str = ""

    @model_validator(mode="after")
    def _has_a_fact_or_says_why_not(self) -> Self:
        if bool(self.fact) == bool(self.note):
            raise ValueError(f"{self.label}: give the fact that fills it, or a note where to read it")
        return self


class ScreenSection(Frozen):
    """Một phần của màn hình: the fields of one person or of the event.

    Attributes:
        left_out_when: a fact that, when stated, leaves the whole section empty; `left_out_note` says so.
    """

    title: str
    fields: tuple[ScreenField, ...] = Field(min_length=1)
    left_out_when: str = ""
    left_out_note: str = ""


class EntryScreen(Frozen):
    """Màn hình nhập of one kind of event."""

    occasion: Occasion
    title_vi: str
    sections: tuple[ScreenSection, ...] = Field(min_length=1)
    source: str = Field(min_length=3)
    certainty: Certainty
