"""Lời thư: the words of one letter, from its facts and the text of its office.

Fields are filled in one pass, so a name with braces stays a name. A capital letter in the field's name gives a
capital at the start of a sentence: {Các cháu} is “Hai cháu …”.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from civreg.letters.rules.facts import (
    ApologyFacts,
    BirthFacts,
    DeathFacts,
    Honorific,
    Language,
    LetterFacts,
    LetterKind,
    MarriageFacts,
    Missed,
)
from civreg.letters.rules.samples import hard_cases
from civreg.letters.rules.templates import LetterTemplate, parse_template
from civreg.shared.errors import Refusal
from civreg.shared.partial_date import PartialDate
from civreg.shared.text import date_line, format_date_vi, nfc, number_in_words

NAME_LIMIT = 120
"""Characters of the longest name a letter takes; longer is a mistake of pasting."""

_MAY_BE_EMPTY = frozenset({"liên hệ"})
"""Fields that are a whole sentence or nothing."""

AHEAD = "sắp trễ"
"""Variant of an apology for a day that is still to come."""

_OWN_WORDS = frozenset({AHEAD})
"""Variants that the plain section cannot stand in for: it says that the day was missed."""

_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class LetterWords:
    """What stands on the letter, word for word.

    Attributes:
        title: tên loại, as in “THƯ CHÚC MỪNG”.
        subtitle: the line under it, may be empty.
        salutation: “Kính gửi: …” as a whole.
        paragraphs: the body.
        closing: the last wish, may be empty.
        khmer: the same in Khmer, for a letter in two languages.
    """

    title: str
    subtitle: str
    salutation: str
    paragraphs: tuple[str, ...]
    closing: str
    khmer: LetterWords | None = None


def pack_words(words: LetterWords) -> str:
    """Return the words as JSON, ready to be sealed beside the final bytes."""
    return json.dumps(asdict(words), ensure_ascii=False, sort_keys=True)


def unpack_words(packed: str) -> LetterWords:
    """Return the words that `pack_words` packed; the layout that older letters packed with them is left out."""
    return _unpacked(json.loads(packed))


def _unpacked(fields: dict[str, Any]) -> LetterWords:
    khmer = fields.get("khmer")
    return LetterWords(
        fields["title"],
        fields["subtitle"],
        fields["salutation"],
        tuple(fields["paragraphs"]),
        fields["closing"],
        _unpacked(khmer) if khmer else None,
    )


def words_for(kind: LetterKind, facts: LetterFacts, template_text: str) -> LetterWords:
    """Return the words of a letter.

    Raises:
        Refusal: a name is missing or too long, the facts belong to another kind of letter, or the text
            has a field or section that does not exist.
    """
    template = parse_template(template_text)
    fields, variant = _fields(kind, facts)
    words = _written(template, fields, variant)
    return replace(words, khmer=_written(template.khmer, fields, variant)) if template.khmer else words


def _written(template: LetterTemplate, fields: dict[str, str], variant: str) -> LetterWords:
    if variant in _OWN_WORDS and ("lời thư", variant) not in template.sections:
        raise Refusal(
            f"Lời thư chưa có mục [Lời thư | {variant}] nên chưa viết được thư này. "
            "Ông/bà soạn thêm mục đó ở trang lời thư và trình lãnh đạo duyệt."
        )

    def text(section: str) -> str:
        return " ".join(_filled(paragraph, fields) for paragraph in template.paragraphs(section, variant))

    return LetterWords(
        title=text("tiêu đề"),
        subtitle=text("trích yếu"),
        salutation=text("kính gửi"),
        paragraphs=tuple(_filled(p, fields) for p in template.paragraphs("lời thư", variant)),
        closing=text("kết thư"),
    )


def marked_as_draft(words: LetterWords) -> LetterWords:
    """Return the words of a text that nobody has approved yet, saying so under the title: such a sheet goes to no family."""
    mark = "Bản nháp, chưa có người đọc tiếng Khmer duyệt" if words.khmer else "Bản nháp, chưa duyệt"
    return replace(words, subtitle=" – ".join(filter(None, (mark, words.subtitle))))


def check_text(kind: LetterKind, language: Language, text: str) -> None:
    """Try a text on every hard case of its occasion, every variant and both halves.

    Raises:
        Refusal: says what to mend: a section, a field, a variant, a brace left open, a half that is missing or not wanted.
    """
    template = parse_template(text)
    if (template.khmer is None) != (language is Language.VIETNAMESE):
        raise Refusal(
            "Lời thư song ngữ cần phần chữ Khmer dưới một dòng [Khmer]. Ông/bà thêm phần này rồi lưu lại."
            if template.khmer is None
            else "Lời thư tiếng Việt không có dòng [Khmer]. Ông/bà soạn phần này ở lời thư song ngữ."
        )
    fields, variants = _fields(kind, hard_cases(kind)[0].facts)[0], variants_of(kind)
    for half in filter(None, (template, template.khmer)):
        for (section, variant), paragraphs in half.sections.items():
            if variant and variant not in variants:
                offered = ", ".join(f"“{name}”" for name in sorted(variants)) or "không có"
                raise Refusal(
                    f"Mục [{section.capitalize()} | {variant}] không dùng được ở dịp này. "
                    f"Ông/bà dùng một trong các dạng: {offered}."
                )
            for paragraph in paragraphs:
                filled = _filled(paragraph, fields)
                if "{" in filled or "}" in filled:
                    raise Refusal(
                        f"Chỗ điền chưa đóng ngoặc: “{paragraph[:60]}”. Ông/bà viết trọn như {{đơn vị}}."
                    )
    for case in hard_cases(kind):
        try:
            words_for(kind, case.facts, text)
        except Refusal as refusal:
            raise Refusal(f"Thử với ca “{case.title}”: {refusal.sentence}") from refusal


def fields_of(kind: LetterKind) -> tuple[str, ...]:
    """Return the fields that a text of the occasion may use, in the order of the page that lists them."""
    return tuple(_fields(kind, hard_cases(kind)[0].facts)[0])


def variants_of(kind: LetterKind) -> tuple[str, ...]:
    """Return the variants that a section may have beside its plain form, in the order of the hard cases."""
    found = (_fields(kind, case.facts)[1] for case in hard_cases(kind))
    return tuple(dict.fromkeys(variant for variant in found if variant))


def _filled(paragraph: str, fields: dict[str, str]) -> str:
    """Return a paragraph with its fields in place.

    Raises:
        Refusal: naming the unknown field and those that exist, or the field this case has no value for.
    """

    def value(found: re.Match[str]) -> str:
        name = " ".join(found[1].split())
        words = fields.get(name.lower())
        if words is None:
            known = ", ".join(f"{{{field}}}" for field in fields)
            raise Refusal(f"Lời thư có chỗ điền lạ {{{name}}}. Ông/bà dùng một trong: {known}.")
        if not words and name.lower() not in _MAY_BE_EMPTY:
            raise Refusal(
                f"Lời thư cần {{{name}}} nhưng hồ sơ không có. Ông/bà ghi vào hồ sơ, hoặc bỏ chỗ này trong lời thư."
            )
        return words[:1].upper() + words[1:] if name[:1].isupper() else words

    return " ".join(_FIELD.sub(value, paragraph).split())


def _fields(kind: LetterKind, facts: LetterFacts) -> tuple[dict[str, str], str]:
    """Return the fields of a letter and the variant of its words."""
    if kind is LetterKind.CONGRATULATION_BIRTH and isinstance(facts, BirthFacts):
        found = _birth_fields(facts)
    elif kind is LetterKind.CONGRATULATION_MARRIAGE and isinstance(facts, MarriageFacts):
        found = _marriage_fields(facts)
    elif kind is LetterKind.CONDOLENCE and isinstance(facts, DeathFacts):
        found = _death_fields(facts)
    elif kind is LetterKind.APOLOGY and isinstance(facts, ApologyFacts):
        found = _apology_fields(facts)
    else:
        raise Refusal("Dữ kiện không thuộc loại thư này. Ông/bà mở lại hồ sơ và lập lại thư.")
    fields, variant = found
    unit = _name(facts.unit, "đơn vị")
    kind_of_unit = "thị trấn" if unit.lower().startswith("thị trấn ") else unit.split(" ")[0].lower()
    return fields | {
        "đơn vị": unit,
        "xã": kind_of_unit,
        "tên đơn vị": unit[len(kind_of_unit) :].strip(),
    }, variant


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
        "tên mẹ": mother.partition(" ")[2],
        "tên cha": facts.father or "",
        "tên con": _listed(names),
        "tên cha mẹ": _listed([mother.partition(" ")[2], *([] if to_mother else [facts.father or ""])]),
        "ngày sinh": _in_digits(facts.born),
    }, "mẹ và bé" if to_mother else ""


def _marriage_fields(facts: MarriageFacts) -> tuple[dict[str, str], str]:
    return {
        "chồng": f"{facts.husband_title} {_name(facts.husband, 'chồng')}",
        "vợ": f"{facts.wife_title} {_name(facts.wife, 'vợ')}",
        "anh chị": f"{facts.husband_title} {facts.wife_title}",
        "ngày đăng ký": date_line(facts.registered_on),
        "tên chồng": _name(facts.husband, "chồng"),
        "tên vợ": _name(facts.wife, "vợ"),
        "ngày cưới": format_date_vi(facts.registered_on),
    }, ""


def _death_fields(facts: DeathFacts) -> tuple[dict[str, str], str]:
    dead = [f"{facts.title} {_name(facts.deceased, 'người đã mất')}", *facts.also]
    variant = "mẹ và bé" if facts.also else "cháu" if facts.title is Honorific.CHILD else ""
    return {
        "người mất": _listed(dead),
        "xưng hô": facts.title.value,
        "qua đời": "qua đời" if facts.also else f"qua đời{_on(facts.died)}",
        "tên người mất": _listed([dead[0].partition(" ")[2], *facts.also]),
    }, variant


def _apology_fields(facts: ApologyFacts) -> tuple[dict[str, str], str]:
    reason = nfc(facts.reason)
    if not reason:
        raise Refusal("Thư xin lỗi cần lý do. Ông/bà ghi vì sao lỡ hẹn rồi lập lại thư.")
    return {
        "người nhận": _name(facts.recipient, "người nhận"),
        "việc": nfc(facts.matter),
        "lần hẹn": _promise(facts.missed_hour, facts.missed_on),
        "lý do": reason if reason.endswith((".", "!", "?")) else f"{reason}.",
        "hẹn lại": _promise(facts.promised_hour, facts.promised_on),
        "tên người nhận": facts.recipient.partition(" ")[2],
        "ngày lỡ": format_date_vi(facts.missed_on),
        "ngày hẹn lại": format_date_vi(facts.promised_on),
        "liên hệ": f"Cần hỏi thêm, xin gọi {facts.hotline}." if facts.hotline else "",
    }, "lỡ chuyến" if facts.missed is Missed.VISIT else AHEAD if facts.ahead else ""


def _promise(hour: str, day: date) -> str:
    return f"{hour} {date_line(day)}" if hour else date_line(day)


def _in_digits(day: PartialDate) -> str:
    """Return 12/01/2026 for a day known for sure, else nothing."""
    known = day.as_date()
    return format_date_vi(known) if known and day.precision == "known" else ""


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
