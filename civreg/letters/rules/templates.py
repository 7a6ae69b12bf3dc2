"""Mẫu lời thư: the editable text files `templates/letters/<kind>.<version>.txt`.

A file has sections in square brackets; a blank line ends a paragraph; a line that starts with # is a note.
`[Lời thư | mẹ và bé]` is a variant of a section. Words in braces are fields, as in {đơn vị}.
A changed text is a new file with the next version: letters keep the version they were written with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from civreg.letters.rules.facts import LetterKind
from civreg.shared.errors import Refusal
from civreg.shared.text import nfc

_SECTION = re.compile(r"^\[\s*([^|\]]+?)\s*(?:\|\s*([^\]]+?)\s*)?\]$")
_SETTINGS = "trình bày"
_REQUIRED = ("tiêu đề", "kính gửi", "lời thư")
_KNOWN = (*_REQUIRED, "trích yếu", "kết thư", _SETTINGS)
_SETTING_VALUES = {
    "hoa văn": ("hoa sen", "không"),
    "số": ("có", "không"),
    "khổ giấy": ("a4", "a5"),
    "nơi nhận": None,
}


@dataclass(frozen=True, slots=True)
class LetterTemplate:
    """A parsed text file: paragraphs by (section, variant), and how the letter is laid out."""

    sections: dict[tuple[str, str], tuple[str, ...]]
    settings: dict[str, str]

    def paragraphs(self, section: str, variant: str = "") -> tuple[str, ...]:
        """Return the paragraphs of a section in its variant, or in the plain form when there is none."""
        return self.sections.get((section, variant)) or self.sections.get((section, ""), ())

    def setting(self, name: str, otherwise: str) -> str:
        """Return a layout setting in lower case."""
        return self.settings.get(name, otherwise)


def template_name(kind: LetterKind, version: str) -> str:
    """Return the file name of a version of the words."""
    return f"{kind.value}.{version}.txt"


def latest_template(kind: LetterKind, names: Iterable[str]) -> tuple[str, str]:
    """Return file name and version of the newest words of `kind` among the file names of the folder.

    Raises:
        Refusal: when there is none.
    """
    pattern = re.compile(rf"^{re.escape(kind.value)}\.(\d+)\.txt$")
    versions = [int(found[1]) for name in names if (found := pattern.match(name))]
    if not versions:
        raise Refusal(f"Chưa có mẫu lời thư. Ông/bà thêm tệp {template_name(kind, '1')} vào thư mục mẫu thư.")
    version = str(max(versions))
    return template_name(kind, version), version


def parse_template(text: str) -> LetterTemplate:
    """Return a text file as sections of paragraphs.

    Raises:
        Refusal: when a section is missing or unknown, or a layout setting has a value it cannot have.
    """
    lines: dict[tuple[str, str], list[str]] = {}
    current: list[str] | None = None
    for raw in text.splitlines():
        line = nfc(raw)
        if line.startswith("#"):
            continue
        if found := _SECTION.match(line):
            key = (found[1].lower(), (found[2] or "").lower())
            if key[0] not in _KNOWN:
                raise Refusal(
                    f"Mẫu thư có mục lạ [{found[1]}]. Ông/bà dùng một trong các mục: {', '.join(_KNOWN)}."
                )
            current = lines.setdefault(key, [])
        elif current is not None:
            current.append(line)
        elif line:
            raise Refusal(
                f"Mẫu thư có chữ nằm ngoài các mục: “{line[:60]}”. Ông/bà đặt chữ dưới một mục, ví dụ [Lời thư]."
            )
    settings = _settings(lines.pop((_SETTINGS, ""), []))
    sections = {key: _paragraphs(body) for key, body in lines.items()}
    for section in _REQUIRED:
        if not sections.get((section, "")):
            raise Refusal(f"Mẫu thư thiếu mục [{section.capitalize()}]. Ông/bà thêm mục này rồi lưu lại.")
    return LetterTemplate(sections, settings)


def _paragraphs(lines: list[str]) -> tuple[str, ...]:
    """Join the lines between blank lines into paragraphs."""
    joined = "\n".join(lines)
    return tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", joined) if part.strip())


def _settings(lines: list[str]) -> dict[str, str]:
    """Return `name: value` lines, checked against what the page kit knows."""
    settings: dict[str, str] = {}
    for line in filter(None, lines):
        name, _, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
        if name not in _SETTING_VALUES:
            raise Refusal(
                f"Mẫu thư có dòng trình bày lạ “{name}”. Ông/bà dùng: {', '.join(_SETTING_VALUES)}."
            )
        allowed = _SETTING_VALUES[name]
        if allowed is not None:
            value = value.lower()
            if value not in allowed:
                raise Refusal(f"Mẫu thư ghi “{name}: {value}”. Ông/bà ghi một trong: {', '.join(allowed)}.")
        settings[name] = value
    return settings
