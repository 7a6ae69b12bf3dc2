from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civreg.letters.rules import (
    ACTION_WORDS,
    ENDED,
    HOLD_WORDS,
    KIND_WORDS,
    STATE_WORDS,
    ApologyFacts,
    BirthFacts,
    Circumstances,
    DeathFacts,
    HoldReason,
    Honorific,
    LetterAction,
    LetterFacts,
    LetterKind,
    LetterState,
    LetterWords,
    MarriageFacts,
    Occasion,
    actions,
    earned_letter,
    hard_cases,
    hold_sentence,
    latest_template,
    needs_reason,
    next_state,
    number_is_void,
    pack_facts,
    pack_words,
    parse_template,
    suggested_honorific,
    template_name,
    unpack_facts,
    unpack_words,
    words_for,
)
from civreg.shared.errors import Conflict, InvalidInput, Refusal
from civreg.shared.partial_date import PartialDate

FOLDER = Path(__file__).parents[2] / "templates" / "letters"

BIRTH = BirthFacts(
    unit="xã Trà Cú",
    children=("Kim Thạch Minh Khang",),
    mother="Thạch Thị Sa Rết",
    father="Kim Văn Minh",
    born=PartialDate(2026, 1, 12),
)
MARRIAGE = MarriageFacts(
    unit="phường Trà Vinh", husband="Sơn Sa Vươn", wife="Kiên Thị Hồng Đào", registered_on=date(2026, 2, 5)
)
DEATH = DeathFacts(
    unit="xã Trà Cú", deceased="Thạch Thị Sa Rây", title=Honorific.ELDER, died=PartialDate(2026, 2, 1)
)
FACTS: dict[LetterKind, LetterFacts] = {
    LetterKind.CONGRATULATION_BIRTH: BIRTH,
    LetterKind.CONGRATULATION_MARRIAGE: MARRIAGE,
    LetterKind.CONDOLENCE: DEATH,
    LetterKind.APOLOGY: hard_cases(LetterKind.APOLOGY)[1].facts,
}


def shipped(kind: LetterKind) -> str:
    name, _version = latest_template(kind, (path.name for path in FOLDER.iterdir()))
    return (FOLDER / name).read_text("utf-8")


def written(facts: LetterFacts) -> LetterWords:
    kind = next(kind for kind, example in FACTS.items() if type(example) is type(facts))
    return words_for(kind, facts, shipped(kind))


def whole(words: LetterWords) -> str:
    return " ".join((words.title, words.subtitle, words.salutation, *words.paragraphs, words.closing))


# --- where a letter stands ---


@given(st.lists(st.sampled_from(LetterAction), max_size=25))
def test_a_letter_gets_one_number_and_keeps_it(walk: list[LetterAction]) -> None:
    state, numbers = LetterState.DRAFT, 0
    for action in walk:
        if action not in actions(state):
            with pytest.raises(Conflict):
                next_state(state, action, reason="lý do")
            continue
        state = next_state(state, action, reason="lý do")
        numbers += action is LetterAction.ISSUE
    assert numbers <= 1
    if state in (LetterState.DRAFT, LetterState.HELD, LetterState.APPROVED):
        assert numbers == 0
    elif state is not LetterState.CANCELLED:
        assert numbers == 1


def test_the_whole_way_of_a_letter() -> None:
    state = LetterState.DRAFT
    for action, reached in (
        (LetterAction.APPROVE, LetterState.APPROVED),
        (LetterAction.ISSUE, LetterState.ISSUED),
        (LetterAction.PRINT, LetterState.PRINTED),
        (LetterAction.REPRINT, LetterState.PRINTED),
        (LetterAction.SIGN_SEAL, LetterState.SIGNED_SEALED),
        (LetterAction.GIVE_TO_OFFICER, LetterState.WITH_OFFICER),
        (LetterAction.RETURN, LetterState.RETURNED),
        (LetterAction.GIVE_TO_OFFICER, LetterState.WITH_OFFICER),
        (LetterAction.HAND_OVER, LetterState.HANDED_OVER),
    ):
        assert next_state(state, action, reason="Gia đình đi vắng") == reached
        state = reached
    assert actions(state) == (LetterAction.TAKE_BACK, LetterAction.SETTLE_RECALL)


def test_the_next_step_comes_first_and_every_word_is_there() -> None:
    assert actions("draft")[0] is LetterAction.APPROVE
    assert actions("approved")[-1] is LetterAction.CANCEL
    assert all(actions(state) for state in LetterState if state not in ENDED)
    assert set(STATE_WORDS) == set(LetterState)
    assert set(ACTION_WORDS) == set(LetterAction)
    assert set(HOLD_WORDS) == set(HoldReason)
    assert set(KIND_WORDS) == set(LetterKind)


@pytest.mark.parametrize("action", [LetterAction.HOLD, LetterAction.CANCEL])
@pytest.mark.parametrize("reason", [None, "", "   "])
def test_holding_and_cancelling_need_a_reason(action: LetterAction, reason: str | None) -> None:
    assert needs_reason(action)
    with pytest.raises(InvalidInput) as refused:
        next_state("draft", action, reason=reason)
    assert "lý do" in refused.value.fields["reason"]


def test_a_stale_page_is_told_where_the_letter_is() -> None:
    with pytest.raises(Conflict, match=r"“Đã trao tận tay”.*“Duyệt thư”"):
        next_state("handed_over", LetterAction.APPROVE)


def test_a_cancelled_letter_with_a_number_leaves_it_void() -> None:
    assert number_is_void("cancelled", 12)
    assert not number_is_void("cancelled", None)
    assert not number_is_void("printed", 12)


# --- which letter, and what a person looks at first ---

CALM = Circumstances(
    consent="yes",
    event=PartialDate(2026, 1, 12),
    registered_on=date(2026, 2, 5),
    mother_born=PartialDate(1998),
)


@pytest.mark.parametrize(
    ("occasion", "kind"),
    [
        (Occasion.BIRTH, LetterKind.CONGRATULATION_BIRTH),
        (Occasion.MARRIAGE, LetterKind.CONGRATULATION_MARRIAGE),
        (Occasion.DEATH, LetterKind.CONDOLENCE),
    ],
)
def test_a_calm_registration_earns_its_letter_at_once(occasion: Occasion, kind: LetterKind) -> None:
    decision = earned_letter(occasion, CALM)
    assert decision.kind is kind
    assert decision.hold_reasons == ()
    assert not decision.held


def changed(**fields: object) -> Circumstances:
    known = {name: getattr(CALM, name) for name in Circumstances.__dataclass_fields__}
    return Circumstances(**(known | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("occasion", "fields", "reason"),
    [
        (Occasion.MARRIAGE, {"consent": "later"}, HoldReason.CONSENT_LATER),
        (Occasion.MARRIAGE, {"consent": None}, HoldReason.CONSENT_NOT_ASKED),
        (Occasion.BIRTH, {"father_unknown": True}, HoldReason.FATHER_UNKNOWN),
        (Occasion.BIRTH, {"mother_named": False}, HoldReason.MOTHER_UNKNOWN),
        (Occasion.BIRTH, {"abandoned": True}, HoldReason.ABANDONED_CHILD),
        (Occasion.BIRTH, {"child_died": True}, HoldReason.CHILD_DIED),
        (Occasion.BIRTH, {"death_or_birth_near": True}, HoldReason.BIRTH_AND_DEATH),
        (Occasion.DEATH, {"death_or_birth_near": True}, HoldReason.BIRTH_AND_DEATH),
        (Occasion.DEATH, {"title_chosen": False}, HoldReason.TITLE_NOT_CHOSEN),
        (Occasion.BIRTH, {"event": PartialDate(2024, 6, 1)}, HoldReason.LONG_AFTER_BIRTH),
        (Occasion.BIRTH, {"mother_born": PartialDate(2008, 1, 13)}, HoldReason.MOTHER_UNDER_AGE),
        (Occasion.BIRTH, {"mother_born": PartialDate(2008)}, HoldReason.MOTHER_UNDER_AGE),
    ],
)
def test_a_letter_that_could_hurt_waits_for_a_person(
    occasion: Occasion, fields: dict[str, object], reason: HoldReason
) -> None:
    decision = earned_letter(occasion, changed(**fields))
    assert decision.held
    assert decision.hold_reasons == (reason,)
    assert hold_sentence(decision.hold_reasons) == HOLD_WORDS[reason]


@pytest.mark.parametrize("fields", [{"consent": "no"}, {"re_registered": True}])
@pytest.mark.parametrize("occasion", list(Occasion))
def test_no_letter_is_earned_against_the_family_or_for_an_old_event(
    occasion: Occasion, fields: dict[str, object]
) -> None:
    assert earned_letter(occasion, changed(**fields)).kind is None


def test_the_officers_tick_lets_the_letter_to_mother_and_child_go() -> None:
    assert (
        earned_letter(Occasion.BIRTH, changed(father_unknown=True, mother_and_child=True)).hold_reasons == ()
    )


@given(st.dates(date(1960, 1, 1), date(2012, 12, 31)), st.dates(date(2020, 1, 1), date(2027, 12, 31)))
def test_a_mother_is_of_age_from_her_eighteenth_birthday(born: date, event: date) -> None:
    known = changed(mother_born=PartialDate.of(born), event=PartialDate.of(event), registered_on=event)
    held = HoldReason.MOTHER_UNDER_AGE in earned_letter(Occasion.BIRTH, known).hold_reasons
    birthday = (born.year + 18, born.month, born.day)
    assert held == ((event.year, event.month, event.day) < birthday)


def test_a_registration_on_the_first_birthday_is_not_late_for_a_letter() -> None:
    born = date(2025, 2, 10)
    on = Circumstances("yes", PartialDate.of(born), date(2026, 2, 10))
    assert earned_letter(Occasion.BIRTH, on).hold_reasons == ()
    after = Circumstances("yes", PartialDate.of(born), date(2026, 2, 10) + timedelta(days=1))
    assert earned_letter(Occasion.BIRTH, after).hold_reasons == (HoldReason.LONG_AFTER_BIRTH,)


# --- the words ---


def test_a_birth_letter_addresses_both_parents_by_full_names() -> None:
    words = written(BIRTH)
    assert words.title == "THƯ CHÚC MỪNG"
    assert words.salutation == "Kính gửi: Chị Thạch Thị Sa Rết và anh Kim Văn Minh"
    assert (
        "anh chị vừa đón cháu Kim Thạch Minh Khang chào đời ngày 12 tháng 01 năm 2026." in words.paragraphs[0]
    )
    assert "Ủy ban nhân dân xã Trà Cú" in words.paragraphs[0]


def test_a_letter_to_mother_and_child_never_speaks_of_a_father() -> None:
    ticked = BirthFacts(
        "xã Trà Cú", ("Lâm Bảo An",), "Lâm Thị Mỹ Duyên", "Kim Văn Minh", mother_and_child=True
    )
    unknown = BirthFacts("xã Trà Cú", ("Lâm Bảo An",), "Lâm Thị Mỹ Duyên")
    for facts in (ticked, unknown):
        text = whole(written(facts))
        assert "Kính gửi: Chị Lâm Thị Mỹ Duyên và cháu Lâm Bảo An" in text
        for absent in ("Kim Văn Minh", "anh", "cha", "nội, ngoại", "hai bên"):
            assert f" {absent} " not in f" {text} "


@pytest.mark.parametrize(
    ("children", "named"),
    [
        (("Lâm Bảo An", "Lâm Bảo Anh"), "hai cháu Lâm Bảo An và Lâm Bảo Anh"),
        (("Lâm Bảo An", "Lâm Bảo Anh", "Lâm Bảo Ân"), "ba cháu Lâm Bảo An, Lâm Bảo Anh và Lâm Bảo Ân"),
    ],
)
def test_twins_stand_in_one_letter(children: tuple[str, ...], named: str) -> None:
    words = written(BirthFacts("xã Trà Cú", children, "Lâm Thị Mỹ Duyên", "Kim Văn Minh"))
    assert f"đón {named} chào đời." in words.paragraphs[0]
    assert any(
        paragraph.startswith(f"{named.split(' ')[0].capitalize()} cháu nay") for paragraph in words.paragraphs
    )


def test_a_marriage_letter_names_both_in_full() -> None:
    words = written(MARRIAGE)
    assert words.salutation == "Kính gửi: Anh Sơn Sa Vươn và chị Kiên Thị Hồng Đào"
    assert words.paragraphs[0].startswith("Ngày 05 tháng 02 năm 2026, anh chị đã đăng ký kết hôn")
    assert words.closing == "Chúc anh chị trăm năm hạnh phúc!"
    assert "bà con trong phường" in whole(words)
    assert "xã" not in whole(words).split()


def test_older_couples_are_addressed_as_chosen() -> None:
    couple = MarriageFacts(
        "xã Trà Cú", "A B", "C D", date(2026, 2, 5), Honorific.GRANDFATHER, Honorific.GRANDMOTHER
    )
    assert written(couple).salutation == "Kính gửi: Ông A B và bà C D"
    assert written(couple).closing == "Chúc ông bà trăm năm hạnh phúc!"


def test_a_condolence_says_qua_doi() -> None:
    words = written(DEATH)
    assert words.salutation == "Kính gửi: Gia đình cụ Thạch Thị Sa Rây"
    assert "cụ Thạch Thị Sa Rây đã qua đời ngày 01 tháng 02 năm 2026." in words.paragraphs[0]


def test_a_child_is_mourned_in_other_words() -> None:
    words = written(DeathFacts("xã Trà Cú", "Lâm Gia Huy", Honorific.CHILD))
    assert "được tin cháu Lâm Gia Huy đã qua đời." in words.paragraphs[0]
    assert "tình cảm tốt đẹp" not in whole(words)


@pytest.mark.parametrize(
    "died", [PartialDate(2026), PartialDate(2026, 2), PartialDate(2026, 2, 1, "about"), PartialDate()]
)
def test_a_day_that_is_not_sure_is_not_written(died: PartialDate) -> None:
    text = whole(written(DeathFacts("xã Trà Cú", "Thạch Thị Sa Rây", Honorific.ELDER, died)))
    assert "đã qua đời." in text
    assert "2026" not in text


def test_shipped_words_compute_no_age_and_belong_to_no_religion() -> None:
    for path in FOLDER.glob("*.txt"):
        body = "\n".join(
            line for line in path.read_text("utf-8").lower().splitlines() if not line.startswith("#")
        )
        for avoided in (
            "hưởng thọ",
            "hưởng dương",
            "từ trần",
            "tạ thế",
            "hương hồn",
            "suối vàng",
            "phật",
            "chúa",
            "cõi",
        ):
            assert avoided not in body, path.name
    assert {path.name.split(".")[0] for path in FOLDER.glob("*.txt")} == {kind.value for kind in LetterKind}


@given(st.sampled_from(["{mẹ}", "{cha}", "{}", "{{đơn vị}}", "<Văn>", "&lt;", "%s", "\\1", "[Lời thư]"]))
def test_a_name_is_never_read_as_a_field(name: str) -> None:
    assert f"cụ {name} đã qua đời" in whole(written(DeathFacts("xã Trà Cú", name, Honorific.ELDER)))


def test_decomposed_names_are_composed() -> None:
    assert "cụ Rết đã" in whole(written(DeathFacts("xã Trà Cú", "Re\u0302\u0301t", Honorific.ELDER)))


@pytest.mark.parametrize("mother", [None, "", " \u200b "])
def test_a_missing_name_is_asked_for(mother: str | None) -> None:
    with pytest.raises(Refusal, match="họ tên đầy đủ \\(mẹ\\)"):
        written(BirthFacts("xã Trà Cú", ("Lâm Bảo An",), mother))
    with pytest.raises(Refusal, match="họ tên của bé"):
        written(BirthFacts("xã Trà Cú", (), "Lâm Thị Mỹ Duyên"))


def test_a_name_of_ten_thousand_letters_is_refused_in_a_sentence() -> None:
    with pytest.raises(Refusal, match="dài 10000 ký tự"):
        written(DeathFacts("xã Trà Cú", "A" * 10_000, Honorific.ELDER))


def test_a_text_that_only_knows_missed_days_writes_no_letter_about_a_day_to_come() -> None:
    """An office's own text of before 25/11/2026 has no such section; its plain one would say that the day was missed."""
    text = "[Tiêu đề]\nTHƯ XIN LỖI\n[Kính gửi]\nKính gửi: {Người nhận}\n[Lời thư]\nĐã lỡ {lần hẹn}."
    late, *_, ahead = sorted(
        (case.facts for case in hard_cases(LetterKind.APOLOGY) if isinstance(case.facts, ApologyFacts)),
        key=lambda facts: facts.ahead,
    )
    assert words_for(LetterKind.APOLOGY, late, text).paragraphs[0].startswith("Đã lỡ")
    with pytest.raises(Refusal) as refused:
        words_for(LetterKind.APOLOGY, ahead, text)
    assert refused.value.sentence == (
        "Lời thư chưa có mục [Lời thư | sắp trễ] nên chưa viết được thư này. "
        "Ông/bà soạn thêm mục đó ở trang lời thư và trình lãnh đạo duyệt."
    )


def test_facts_of_another_letter_are_refused() -> None:
    with pytest.raises(Refusal, match="không thuộc loại thư"):
        words_for(LetterKind.CONDOLENCE, MARRIAGE, shipped(LetterKind.CONDOLENCE))


@pytest.mark.parametrize("kind", list(LetterKind))
def test_facts_and_words_come_back_from_their_packing(kind: LetterKind) -> None:
    assert unpack_facts(kind, pack_facts(FACTS[kind])) == FACTS[kind]
    words = written(FACTS[kind])
    assert unpack_words(pack_words(words)) == words


@pytest.mark.parametrize(
    ("sex", "age", "title"),
    [
        ("male", 5, "cháu"),
        (None, 5, "cháu"),
        ("male", 30, "anh"),
        ("female", 49, "chị"),
        ("female", 50, "bà"),
        ("male", None, "ông"),
        ("male", 70, "cụ"),
        (None, 70, None),
    ],
)
def test_a_first_guess_of_the_title_is_left_to_a_person_to_change(
    sex: str | None, age: int | None, title: str | None
) -> None:
    assert suggested_honorific(sex, age) == title


# --- the text files ---

PLAIN = "[Tiêu đề]\nTHƯ\n[Kính gửi]\nKính gửi: {Người mất}\n[Lời thư]\nMột.\n\nHai\ndòng.\n"


def test_a_text_file_is_sections_of_paragraphs() -> None:
    template = parse_template("# ghi chú\n" + PLAIN)
    assert template.paragraphs("lời thư") == ("Một.", "Hai dòng.")
    assert template.paragraphs("lời thư", "cháu") == ("Một.", "Hai dòng.")
    assert template.paragraphs("kết thư") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "thiếu mục \\[Tiêu đề\\]"),
        (PLAIN.replace("[Lời thư]", "[Lời nhắn]"), "mục lạ \\[Lời nhắn\\]"),
        ("Chữ lạc\n" + PLAIN, "nằm ngoài các mục: “Chữ lạc”"),
        (PLAIN.replace("Một", "{tuổi thọ}"), "chỗ điền lạ {tuổi thọ}.*{người mất}"),
        (PLAIN + "\n[Khmer]\n" + PLAIN + "\n[Khmer]\n", "hai dòng \\[Khmer\\]"),
        (PLAIN + "\n[Khmer]\n[Tiêu đề]\nលិខិត", "thiếu mục \\[Kính gửi\\] ở phần Khmer"),
    ],
)
def test_a_text_file_that_cannot_be_used_says_what_to_change(text: str, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        words_for(LetterKind.CONDOLENCE, DEATH, text)


def test_the_newest_version_is_used_by_number() -> None:
    kind = LetterKind.CONDOLENCE
    names = [template_name(kind, version) for version in ("2", "10", "9")] + ["condolence.x.txt", "README.md"]
    assert latest_template(kind, names) == ("condolence.10.txt", "10")
    with pytest.raises(Refusal, match="Chưa có lời thư cho dịp này"):
        latest_template(kind, ["congratulation_birth.1.txt"])
