"""Căn cứ pháp lý: where a rule is written (document, article, address) and how sure that is. Pure.

Every rule of a catalogue file is `Grounded`: it names its documents and articles itself. What is known of a document
(its address, its articles and how sure each is) stands once, in `catalogue/legal_texts/texts.toml`.
"""

from __future__ import annotations

from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

Certainty = Literal["A", "B", "C", "D"]
"""A primary text or official portal; B law portal or newspaper; C cited elsewhere; D recalled, or not read at all."""


class Frozen(BaseModel):
    """What a catalogue file says: nothing but what its shape names, and never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LegalText(Frozen):
    """Căn cứ pháp lý: a document, the article that is meant, and the address where it can be read.

    A catalogue file writes it as one text, "Thông tư số 04/2020/TT-BTP điều 24 khoản 1, điều 25".

    Attributes:
        document: name and number.
        article: the articles; empty where none is known.
        address: where the document, or the site that publishes it, is found.
        divided: False for a paper without articles (a record of the portal, an official letter).
        certainty: how sure the articles are; D where the document has articles and none is known.
    """

    document: str = Field(min_length=3)
    article: str = ""
    address: str = Field(default="", pattern=r"^(https://\S+)?$")
    divided: bool = True
    certainty: Certainty | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_one_text(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        document, _, article = given.partition(" điều ")
        return {"document": document, "article": article and f"điều {article}"}

    @property
    def articles(self) -> tuple[str, ...]:
        """Return the articles one by one."""
        return tuple(one for one in self.article.split(", ") if one)

    @property
    def article_unknown(self) -> bool:
        """Say whether the document has articles and nobody knows which one (chưa rõ điều)."""
        return self.divided and not self.article

    @property
    def words(self) -> str:
        """Return document and article as slips and pages print them."""
        return f"{self.document} {self.article}".strip()

    @property
    def sentence(self) -> str:
        """Return its words, saying so where the article is not known."""
        return f"{self.words} (chưa rõ điều)" if self.article_unknown else self.words

    @property
    def site(self) -> str:
        """Return the site of the address, empty without one."""
        return urlsplit(self.address).hostname or ""

    @property
    def home_page(self) -> bool:
        """Say whether the address leads to the site that publishes the document, not to its text."""
        return bool(self.address) and urlsplit(self.address).path in ("", "/")


class Grounded(Frozen):
    """Quy định có căn cứ: what every rule says about where it is written.

    Attributes:
        legal_basis: its documents and articles; none of what follows no text, or is the office's own value.
        read_in: where it was read when not in the text itself, or what of it was not read.
        source: both in one line, as a reason names it; a file may leave it out.
        certainty: how sure the rule is.
    """

    legal_basis: tuple[LegalText, ...] = ()
    read_in: str = ""
    source: str = Field(min_length=3)
    certainty: Certainty

    @model_validator(mode="before")
    @classmethod
    def _source_in_one_line(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "source" in given:
            return given
        texts = [LegalText.model_validate(text) for text in given.get("legal_basis", ())]
        said = [*(text.sentence for text in texts), given.get("read_in", "")]
        return {**given, "source": "; ".join(one for one in said if one)}

    @property
    def by_law(self) -> str:
        """Return its texts in one line, as a family reads it; its source where it has none."""
        return "; ".join(text.sentence for text in self.legal_basis) or self.source


class OwnGrounds(Frozen):
    """Quy định có thể có căn cứ riêng: with a certainty it stands on its own texts, else on those of its version."""

    legal_basis: tuple[LegalText, ...] = ()
    read_in: str = ""
    certainty: Certainty | None = None

    @model_validator(mode="after")
    def _texts_come_with_a_certainty(self) -> Self:
        if bool(self.legal_basis) != (self.certainty is not None):
            raise ValueError("own legal basis and certainty come together")
        return self

    def grounds(self, otherwise: Grounded) -> Grounded:
        """Return where it is written."""
        if self.certainty is None:
            return otherwise
        return Grounded.model_validate(
            {"legal_basis": self.legal_basis, "read_in": self.read_in, "certainty": self.certainty}
        )
