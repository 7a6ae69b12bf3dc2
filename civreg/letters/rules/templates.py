"""Mẫu lời thư: how a text of an office is written down, and the files every office starts from.

A text has sections in square brackets; a blank line ends a paragraph; a line that starts with # is a note.
`[Lời thư | mẹ và bé]` is a variant of a section. Words in braces are fields, as in {đơn vị}. In a text in two
languages everything below the line `[Khmer]` is the Khmer half, with the same sections and fields.
Shipped files are `templates/letters/<kind>[.vi_km].<version>.txt`; what an office writes is kept in its database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from civreg.letters.rules.facts import Language, LetterKind
from civreg.shared.errors import Refusal
from civreg.shared.text import nfc

_SECTION = re.compile(r"^\[\s*([^|\]]+?)\s*(?:\|\s*([^\]]+?)\s*)?\]$")
_REQUIRED = ("tiêu đề", "kính gửi", "lời thư")
_KNOWN = (*_REQUIRED, "trích yếu", "kết thư")
_KHMER_HALF = re.compile(r"^\[\s*khmer\s*\]\s*$", re.IGNORECASE | re.MULTILINE)
SYLLABLE_BREAK = "\u200b"
"""Zero-width space: where a Khmer line may break; Khmer is written without blanks between words."""


@dataclass(frozen=True, slots=True)
class LetterTemplate:
    """A parsed text: paragraphs by (section, variant); `khmer` is the other half of a text in two languages."""

    sections: dict[tuple[str, str], tuple[str, ...]]
    khmer: LetterTemplate | None = None

    def paragraphs(self, section: str, variant: str = "") -> tuple[str, ...]:
        """Return the paragraphs of a section in its variant, or in the plain form when there is none."""
        return self.sections.get((section, variant)) or self.sections.get((section, ""), ())


def template_name(kind: LetterKind, version: str, language: Language = Language.VIETNAMESE) -> str:
    """Return the file name of a version of the shipped words."""
    middle = "" if language is Language.VIETNAMESE else f".{language.value}"
    return f"{kind.value}{middle}.{version}.txt"


def latest_template(
    kind: LetterKind, names: Iterable[str], language: Language = Language.VIETNAMESE
) -> tuple[str, str]:
    """Return file name and version of the newest shipped words of `kind` among the file names of the folder.

    Raises:
        Refusal: when there is none.
    """
    stem = template_name(kind, "", language).removesuffix(".txt")
    pattern = re.compile(rf"^{re.escape(stem)}(\d+)\.txt$")
    versions = [int(found[1]) for name in names if (found := pattern.match(name))]
    if not versions:
        raise Refusal("Chưa có lời thư cho dịp này. Ông/bà soạn ở trang Lời thư rồi trình lãnh đạo duyệt.")
    version = str(max(versions))
    return template_name(kind, version, language), version


@lru_cache(maxsize=64)
def parse_template(text: str) -> LetterTemplate:
    """Return a text as sections of paragraphs, with its Khmer half where it has one.

    Kept, because hundreds of letters in a run are written from the same few texts.

    Raises:
        Refusal: when a section is missing or unknown, or words stand outside of every section.
    """
    halves = _KHMER_HALF.split(text)
    if len(halves) > 2:
        raise Refusal("Lời thư có hai dòng [Khmer]. Ông/bà để lại một dòng, phía trên phần chữ Khmer.")
    khmer = LetterTemplate(_sections(halves[1], " ở phần Khmer")) if len(halves) == 2 else None
    return LetterTemplate(_sections(halves[0], ""), khmer)


def _sections(text: str, where: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the paragraphs of one half by section and variant."""
    lines: dict[tuple[str, str], list[str]] = {}
    current: list[str] | None = None
    for raw in text.splitlines():
        line = clean_line(raw)
        if line.startswith("#"):
            continue
        if found := _SECTION.match(line):
            key = (found[1].lower(), (found[2] or "").lower())
            if key[0] not in _KNOWN:
                raise Refusal(
                    f"Lời thư có mục lạ [{found[1]}]{where}. Ông/bà dùng một trong các mục: {', '.join(_KNOWN)}."
                )
            current = lines.setdefault(key, [])
        elif current is not None:
            current.append(line)
        elif line:
            raise Refusal(
                f"Lời thư có chữ nằm ngoài các mục{where}: “{line[:60]}”. "
                "Ông/bà đặt chữ dưới một mục, ví dụ [Lời thư]."
            )
    sections = {key: _paragraphs(body) for key, body in lines.items()}
    for section in _REQUIRED:
        if not sections.get((section, "")):
            raise Refusal(
                f"Lời thư thiếu mục [{section.capitalize()}]{where}. Ông/bà thêm mục này rồi lưu lại."
            )
    return sections


def clean_line(raw: str) -> str:
    """Return a line as it is stored; the break marks of Khmer words stay, everything else unseen goes."""
    return (
        SYLLABLE_BREAK.join(nfc(part) for part in raw.split(SYLLABLE_BREAK))
        if SYLLABLE_BREAK in raw
        else nfc(raw)
    )


def _paragraphs(lines: list[str]) -> tuple[str, ...]:
    """Join the lines between blank lines into paragraphs."""
    joined = "\n".join(lines)
    return tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", joined) if part.strip())
