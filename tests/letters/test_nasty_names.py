"""A thousand names that nobody should have, through the words and the sheet of a letter: whole on paper, or refused."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from civreg.letters.rules import (
    BirthFacts,
    DeathFacts,
    Honorific,
    LetterFacts,
    LetterKind,
    MarriageFacts,
    words_for,
)
from civreg.shared.errors import Refusal
from civreg.shared.paper.heading import Heading, Signature
from civreg.shared.paper.letter import LetterSheet, render_letter
from civreg.shared.partial_date import PartialDate
from civreg.shared.text import nfc
from tests.letters.test_on_paper import letter_pdf, shipped
from tests.shared.paper_reading import words

NAMES = 1000
PLAIN = (
    "Nguyễn",
    "Thạch",
    "Thị",
    "Sa Rết",
    "Sarết",
    "Văn",
    "Kiên",
    "Ơn",
    "Ý",
    "Ẩn",
    "D'Arc",
    "Anh-Đào",
    "H’Hen",
    "Niê",
)
MARKUP = (
    "<b>",
    "</b>",
    "&",
    "&amp;",
    "</para>",
    "<para>",
    "&#65;",
    "<font size=40>",
    "<!--",
    "{mẹ}",
    "{{",
    "%s",
    "\\n",
    "(Út)",
)
QUOTES = ('"', "'", "“Út”", "‘Bé’", "`", "«Ba»", "\\")
COMBINING = (
    "N\u0303guye\u0302\u0303n",
    "q\u0303",
    "a\u0323\u0302",
    "e\u0301\u0301\u0301",
    "x\u0338",
    "o\u031b\u0309",
)
FOREIGN = ("សុខា", "ខ្មែរ", "😀", "👨\u200d👩\u200d👧", "محمد", "שלום", "王", "ភ្នំពេញ Kim")
UNSEEN = ("\x00", "\x07", "\x1b[31m", "\u200b", "\u202e", "\u2066", "\ufeff", "\u00ad", "\ue000", "\x7f")
ODD_BLANKS = ("  ", "\t", "\n", "\u00a0", "\u2003")
SENTENCES = (
    re.compile(
        r"Không in được ký tự (“.+” )?\(U\+[0-9A-F]{4,6}\)\. Ông/bà bỏ hoặc gõ lại ký tự này rồi in lại\."
    ),
    re.compile(
        r"Họ tên \(.+\) dài \d+ ký tự, thư chỉ nhận tối đa 120\. Ông/bà kiểm tra lại họ tên trong hồ sơ\."
    ),
    re.compile(r"Thư cần họ tên đầy đủ \(.+\)\. Ông/bà ghi họ tên vào hồ sơ rồi lập lại thư\."),
)


def nasty_names() -> list[str]:
    chance = random.Random(20261124)
    pools = (PLAIN, PLAIN, MARKUP, QUOTES, COMBINING, FOREIGN, UNSEEN, ODD_BLANKS)
    made = [
        "",
        " ",
        "A" * 80,
        "Ễ" * 80,
        "W" * 120,
        "A" * 121,
        "Nguyễn Thị " * 7 + "Bé",
        *FOREIGN,
        *UNSEEN,
        *MARKUP,
    ]
    while len(made) < NAMES:
        parts = [chance.choice(chance.choice(pools)) for _ in range(chance.randint(1, 3))]
        name = chance.choice((" ", "")).join([chance.choice(PLAIN), *parts])
        made.append(chance.choice((str, str.upper, lambda s: unicodedata.normalize("NFD", s)))(name))
    return made


def letter_to(name: str, order: int) -> tuple[LetterKind, LetterFacts]:
    day = PartialDate(2026, 2, 1)
    return (
        (LetterKind.CONGRATULATION_BIRTH, BirthFacts("xã Trà Cú", (name,), "Kim Thị Na", "Kim Văn Sơn", day)),
        (LetterKind.CONGRATULATION_BIRTH, BirthFacts("xã Trà Cú", ("Kim An",), name, "Kim Văn Sơn", day)),
        (
            LetterKind.CONGRATULATION_MARRIAGE,
            MarriageFacts("xã Trà Cú", "Kim Văn Sơn", name, date(2026, 2, 5)),
        ),
        (LetterKind.CONDOLENCE, DeathFacts("xã Trà Cú", name, Honorific.ELDER, day)),
    )[order % 4]


def as_read(text: str) -> str:
    """What a reader of the page sees of a text: composed letters, single blanks."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def stands_on(pdf: bytes, name: str) -> bool:
    """Say whether a PDF reader finds the name; a word too long for a line of paper goes on in the next."""
    wanted, text = as_read(name), words(pdf)
    if max(map(len, wanted.split())) > 20:
        wanted, text = wanted.replace(" ", ""), text.replace(" ", "")
    return wanted in text


def refusal_of(render: Callable[[], bytes]) -> tuple[bytes, str]:
    """Return the PDF, or the sentence it was refused with."""
    try:
        return render(), ""
    except Refusal as refusal:
        return b"", refusal.sentence


def test_a_thousand_nasty_names_are_on_the_letter_or_refused() -> None:
    texts = {kind: shipped(kind) for kind in LetterKind}
    printed = []
    for order, name in enumerate(nasty_names()):
        kind, facts = letter_to(name, order)
        _pdf, sentence = refusal_of(lambda: letter_pdf(kind, words_for(kind, facts, texts[kind])))  # noqa: B023
        if not sentence:
            printed.append(name)
        else:
            assert any(known.fullmatch(sentence) for known in SENTENCES), ascii(sentence)
            assert not nfc(name) or len(as_read(name)) > 120 or "U+" in sentence, ascii(name)
    assert 300 < len(printed) < NAMES - 300
    birth = LetterKind.CONGRATULATION_BIRTH
    for start in range(0, len(printed), 5):  # five on a letter: reading takes longer than drawing
        mother, father, *children = (printed + printed)[start : start + 5]
        facts = BirthFacts("xã Trà Cú", tuple(children), mother, father, PartialDate(2026, 2, 1))
        pdf = letter_pdf(birth, words_for(birth, facts, texts[birth]))
        for name in (mother, father, *children):
            assert stands_on(pdf, name), ascii(name)


def test_a_nasty_signer_is_on_the_letter_or_refused() -> None:
    sheet = LetterSheet(
        heading=Heading.of_commune("xã Trà Cú"),
        place="Trà Cú",
        dated_on=date(2026, 2, 5),
        title="THƯ CHÚC MỪNG",
        salutation="Kính gửi: Gia đình",
        paragraphs=("Lời thư.",),
        signature=Signature.of_chair(),
    )
    for name in filter(nfc, nasty_names()[:150]):
        signed = replace(sheet, signature=Signature.of_chair(name))
        pdf, sentence = refusal_of(lambda: render_letter(signed))  # noqa: B023
        assert "U+" in sentence if sentence else stands_on(pdf, name), ascii(name)
