"""Lời thư: the words of one letter, from its facts and its text file.

Fields are filled in one pass, so a name with braces stays a name. A capital letter in the field's name gives a
capital at the start of a sentence: {Các cháu} is “Hai cháu …”.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from typing import Literal

from civreg.letters.rules.facts import (
    BirthFacts,
    DeathFacts,
    Honorific,
    LetterFacts,
    LetterKind,
    MarriageFacts,
)
from civreg.letters.rules.templates import LetterTemplate, parse_template
from civreg.shared.errors import Refusal
from civreg.shared.partial_date import PartialDate
from civreg.shared.text import date_line, nfc, number_in_words

NAME_LIMIT = 120
"""Characters of the longest name a letter takes; longer is a mistake of pasting."""

_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class LetterWords:
    """What stands on the letter, word for word, and how its text file wants it laid out.

    Attributes:
        title: tên loại, as in “THƯ CHÚC MỪNG”.
        subtitle: the line under it, may be empty.
        salutation: “Kính gửi: …” as a whole.
        paragraphs: the body.
        closing: the last wish, may be empty.
        ornament: lotus or none (always none for condolence).
        show_number: whether “Số: …” is printed; the letter book has the number anyway.
        receivers: nơi nhận, may be empty.
        size: A4 or A5.
    """

    title: str
    subtitle: str
    salutation: str
    paragraphs: tuple[str, ...]
    closing: str
    ornament: Literal["lotus", "none"] = "none"
    show_number: bool = False
    receivers: tuple[str, ...] = ()
    size: Literal["A4", "A5"] = "A4"


def pack_words(words: LetterWords) -> str:
    """Return the words as JSON, ready to be sealed beside the final bytes."""
    return json.dumps(asdict(words), ensure_ascii=False, sort_keys=True)


def unpack_words(packed: str) -> LetterWords:
    """Return the words that `pack_words` packed."""
    fields = json.loads(packed)
    return LetterWords(**fields | {name: tuple(fields[name]) for name in ("paragraphs", "receivers")})


def words_for(kind: LetterKind, facts: LetterFacts, template_text: str) -> LetterWords:
    """Return the words of a letter.

    Raises:
        Refusal: a name is missing or too long, the facts belong to another kind of letter, or the text file
            has a field or section that does not exist.
    """
    template = parse_template(template_text)
    fields, variant = _fields(kind, facts)

    def text(section: str) -> str:
        return " ".join(_filled(paragraph, fields) for paragraph in template.paragraphs(section, variant))

    return LetterWords(
        title=text("tiêu đề"),
        subtitle=text("trích yếu"),
        salutation=text("kính gửi"),
        paragraphs=tuple(_filled(p, fields) for p in template.paragraphs("lời thư", variant)),
        closing=text("kết thư"),
        ornament=_ornament(kind, template),
        show_number=template.setting("số", "không") == "có",
        receivers=tuple(part.strip() for part in template.setting("nơi nhận", "").split(";") if part.strip()),
        size="A5" if template.setting("khổ giấy", "a4") == "a5" else "A4",
    )


def _ornament(kind: LetterKind, template: LetterTemplate) -> Literal["lotus", "none"]:
    """Return the ornament; a letter of condolence never has one, whatever its file says."""
    if kind is LetterKind.CONDOLENCE or template.setting("hoa văn", "không") != "hoa sen":
        return "none"
    return "lotus"


def _filled(paragraph: str, fields: dict[str, str]) -> str:
    """Return a paragraph with its fields in place.

    Raises:
        Refusal: naming the unknown field and those that exist.
    """

    def value(found: re.Match[str]) -> str:
        name = " ".join(found[1].split())
        words = fields.get(name.lower())
        if words is None:
            known = ", ".join(f"{{{field}}}" for field in fields)
            raise Refusal(f"Mẫu thư có chỗ điền lạ {{{name}}}. Ông/bà dùng một trong: {known}.")
        return words[:1].upper() + words[1:] if name[:1].isupper() else words

    return _FIELD.sub(value, paragraph)


def _fields(kind: LetterKind, facts: LetterFacts) -> tuple[dict[str, str], str]:
    """Return the fields of a letter and the variant of its words."""
    if kind is LetterKind.CONGRATULATION_BIRTH and isinstance(facts, BirthFacts):
        found = _birth_fields(facts)
    elif kind is LetterKind.CONGRATULATION_MARRIAGE and isinstance(facts, MarriageFacts):
        found = _marriage_fields(facts)
    elif kind is LetterKind.CONDOLENCE and isinstance(facts, DeathFacts):
        found = _death_fields(facts)
    else:
        raise Refusal("Dữ kiện không thuộc loại thư này. Ông/bà mở lại hồ sơ và lập lại thư.")
    fields, variant = found
    unit = _name(facts.unit, "đơn vị")
    kind_of_unit = "thị trấn" if unit.lower().startswith("thị trấn ") else unit.split(" ")[0].lower()
    return fields | {"đơn vị": unit, "xã": kind_of_unit}, variant


def _birth_fields(facts: BirthFacts) -> tuple[dict[str, str], str]:
    mother = f"{facts.mother_title} {_name(facts.mother, 'mẹ')}"
    names = [_name(child, "con") for child in facts.children]
    if not names:
        raise Refusal("Thư cần họ tên của bé. Ông/bà ghi họ tên vào hồ sơ rồi lập lại thư.")
    count = "" if len(names) == 1 else f"{number_in_words(len(names))} "
    child = f"{count}cháu"
    father = f"{facts.father_title} {_name(facts.father, 'cha')}" if facts.father else ""
    to_mother = facts.mother_and_child or not father
    return {
        "mẹ": mother,
        "cha": father,
        "chị": facts.mother_title.value,
        "anh chị": facts.mother_title.value if to_mother else f"{facts.father_title} {facts.mother_title}",
        "cha mẹ": mother if to_mother else f"{mother} và {father}",
        "cháu": child,
        "bé": f"{count}bé",
        "các cháu": f"{child} {_listed(names)}",
        "chào đời": f"chào đời{_on(facts.born)}",
    }, "mẹ và bé" if to_mother else ""


def _marriage_fields(facts: MarriageFacts) -> tuple[dict[str, str], str]:
    return {
        "chồng": f"{facts.husband_title} {_name(facts.husband, 'chồng')}",
        "vợ": f"{facts.wife_title} {_name(facts.wife, 'vợ')}",
        "anh chị": f"{facts.husband_title} {facts.wife_title}",
        "ngày đăng ký": date_line(facts.registered_on),
    }, ""


def _death_fields(facts: DeathFacts) -> tuple[dict[str, str], str]:
    dead = [f"{facts.title} {_name(facts.deceased, 'người đã mất')}", *facts.also]
    variant = "mẹ và bé" if facts.also else "cháu" if facts.title is Honorific.CHILD else ""
    return {
        "người mất": _listed(dead),
        "xưng hô": facts.title.value,
        "qua đời": "qua đời" if facts.also else f"qua đời{_on(facts.died)}",
    }, variant


def _on(day: PartialDate) -> str:
    """Return “ ngày 05 tháng 02 năm 2026” for a day known for sure, else nothing: no letter guesses a date."""
    known = day.as_date()
    return f" {date_line(known)}" if known and day.precision == "known" else ""


def _listed(names: list[str]) -> str:
    """Return “A”, “A và B”, “A, B và C”."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} và {names[-1]}"


def _name(name: str | None, whose: str) -> str:
    """Return a name in full as it is stored.

    Raises:
        Refusal: when it is missing or longer than a name can be.
    """
    # composed, single blanks; nothing else is dropped, so that the sheet refuses what it cannot show
    clean = " ".join(unicodedata.normalize("NFC", name or "").split())
    if not nfc(clean):
        raise Refusal(f"Thư cần họ tên đầy đủ ({whose}). Ông/bà ghi họ tên vào hồ sơ rồi lập lại thư.")
    if len(clean) > NAME_LIMIT:
        raise Refusal(
            f"Họ tên ({whose}) dài {len(clean)} ký tự, thư chỉ nhận tối đa {NAME_LIMIT}. "
            "Ông/bà kiểm tra lại họ tên trong hồ sơ."
        )
    return clean
