"""Lời thư là dữ liệu: draft, tried on every hard case, approved by a person, inherited, frozen with what was printed."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from civreg import work
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.rules import Language, LetterKind, LetterState, check_text, hard_cases, words_for
from civreg.shared import clock
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refusal
from tests.letters.flow import approved, issued, letter_of, registered
from tests.world import BIRTH, World

KIND = LetterKind.CONGRATULATION_BIRTH
VI, KM = Language.VIETNAMESE, Language.WITH_KHMER
FOLDER = work.LETTER_TEMPLATES
PLAIN = "[Tiêu đề]\nTHƯ MỪNG\n[Kính gửi]\nKính gửi: {Cha mẹ}\n[Lời thư]\n{đơn vị} mừng {các cháu}."
READER = {"reader": "Kim Thị Sô Phia", "reader_role": "giáo viên Ngữ văn Khmer"}


def shipped(kind: LetterKind, language: Language) -> str:
    return queries.shipped_wording(kind, language, FOLDER).body


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("kind", list(LetterKind))
def test_shipped_texts_hold_on_every_hard_case(kind: LetterKind, language: Language) -> None:
    body = shipped(kind, language)
    check_text(kind, language, body)
    for case in hard_cases(kind):
        words = words_for(kind, case.facts, body)
        for half in filter(None, (words, words.khmer)):
            parts = (half.title, half.subtitle, half.salutation, *half.paragraphs, half.closing)
            said = " ".join(part for part in parts if part)
            assert "{" not in said
            assert "  " not in said
            assert half.title
        assert (words.khmer is not None) == (language is KM)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (PLAIN.replace("{đơn vị}", "{xa}"), "Lời thư có chỗ điền lạ {xa}. Ông/bà dùng một trong: {mẹ}"),
        (
            PLAIN.replace("{đơn vị}", "{đơn vị"),
            "Chỗ điền chưa đóng ngoặc: “{đơn vị mừng {các cháu}.”. Ông/bà viết trọn như {đơn vị}.",
        ),
        (
            PLAIN.replace("{Cha mẹ}", "{Cha}"),
            "Thử với ca “Chỉ gửi mẹ và bé”: Lời thư cần {Cha} nhưng hồ sơ không có. "
            "Ông/bà ghi vào hồ sơ, hoặc bỏ chỗ này trong lời thư.",
        ),
        (
            PLAIN + "\n[Lời thư | ông bà]\nXin chào.",
            "Mục [Lời thư | ông bà] không dùng được ở dịp này. Ông/bà dùng một trong các dạng: “mẹ và bé”.",
        ),
        (PLAIN + "\n[Khmer]\n" + PLAIN, "Lời thư tiếng Việt không có dòng [Khmer]."),
        (PLAIN.replace("mừng", "mừng 中"), "Không in được ký tự “中” (U+4E2D). Ông/bà bỏ hoặc gõ lại"),
    ],
)
def test_a_text_that_would_break_a_letter_is_not_kept(
    session: Session, world: World, body: str, says: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        letters.write_wording(session, world.clerk, world.tra_cu, KIND, VI, body)
    assert says in refused.value.fields["body"]
    assert session.scalar(text("SELECT count(*) FROM letter_wording")) == 0


def test_a_letter_takes_the_text_of_the_nearest_unit_that_approved_one(
    session: Session, world: World
) -> None:
    above = letters.write_wording(session, world.clerk, world.province, KIND, VI, PLAIN)
    row = issued(session, world)
    assert "THƯ CHÚC MỪNG" in words_of(session, world, row.id), "a draft is never used"
    session.execute(
        text("UPDATE letter_wording SET state = 'approved', approved_at = written_at WHERE id = :id"),
        {"id": above},
    )
    session.expire_all()
    second = issued(session, world)
    assert "THƯ MỪNG" in words_of(session, world, second.id)
    own = letters.write_wording(session, world.clerk, world.tra_cu, KIND, VI, PLAIN.replace("MỪNG", "RIÊNG"))
    letters.approve_wording(session, world.head, own, expected_version=1)
    third = issued(session, world)
    assert "THƯ RIÊNG" in words_of(session, world, third.id)
    letters.withdraw_wording(session, world.head, own, expected_version=2)
    assert "THƯ RIÊNG" in words_of(session, world, third.id), "what was printed keeps its words"
    assert "THƯ MỪNG" in words_of(session, world, issued(session, world).id)
    kept = dict(
        session.execute(text("SELECT id, wording_id FROM letter WHERE wording_id IS NOT NULL")).all()  # type: ignore[arg-type]
    )
    assert (kept[second.id], kept[third.id]) == (above, own)


def words_of(session: Session, world: World, letter_id: UUID) -> str:
    words = queries.letter_page(session, world.head, letter_id, FOLDER).words
    assert words is not None
    return f"{words.title} {' '.join(words.paragraphs)}"


def test_who_writes_and_who_approves(session: Session, world: World) -> None:
    with pytest.raises(NotAllowed):
        letters.write_wording(session, world.officer, world.tra_cu, KIND, VI, PLAIN)
    for outsider in (world.neighbour, world.staff, world.stranger):
        with pytest.raises(NotFound):
            letters.write_wording(session, outsider, world.tra_cu, KIND, VI, PLAIN)
    made = letters.write_wording(session, world.clerk, world.tra_cu, KIND, VI, PLAIN)
    with pytest.raises(NotAllowed):
        letters.approve_wording(session, world.clerk, made, expected_version=1)
    letters.change_wording(session, world.clerk, made, expected_version=1, body=PLAIN + " Chúc mừng!")
    with pytest.raises(Conflict, match="vừa có người khác sửa"):
        letters.approve_wording(session, world.head, made, expected_version=1)
    letters.approve_wording(session, world.head, made, expected_version=2)
    with pytest.raises(Conflict, match="đã duyệt thì không sửa được nữa"):
        letters.change_wording(session, world.clerk, made, expected_version=3, body=PLAIN)
    with pytest.raises(ProgrammingError, match="its words stay"):
        session.execute(text("UPDATE letter_wording SET body = 'khác'"))


def test_khmer_stays_a_draft_until_a_named_reader_agrees(session: Session, world: World) -> None:
    body = shipped(KIND, KM)
    with pytest.raises(InvalidInput) as half:
        letters.write_wording(session, world.clerk, world.tra_cu, KIND, KM, PLAIN)
    assert half.value.fields["body"].startswith("Lời thư song ngữ cần phần chữ Khmer dưới một dòng [Khmer].")
    made = letters.write_wording(session, world.clerk, world.tra_cu, KIND, KM, body)
    chain = queries.chain_of(session, world.tra_cu, clock.today())
    with pytest.raises(Refusal, match="Chưa có lời thư song ngữ Việt – Khmer đã duyệt"):
        queries.wording_in_force(session, chain, KIND, KM, FOLDER)
    with pytest.raises(InvalidInput) as nobody:
        letters.approve_wording(session, world.head, made, expected_version=1, reader="  ")
    assert nobody.value.fields == {
        "reader": "Ghi họ tên người đọc tiếng Khmer đã đọc và đồng ý với phần chữ Khmer.",
        "reader_role": "Ghi chức vụ hoặc công việc của người đọc, ví dụ giáo viên Ngữ văn Khmer.",
    }
    letters.approve_wording(session, world.head, made, expected_version=1, **READER)
    assert queries.wording_in_force(session, chain, KIND, KM, FOLDER).wording_id == made
    assert queries.wording(session, world.officer, made).reader == "Kim Thị Sô Phia, giáo viên Ngữ văn Khmer"


def test_a_missing_value_stops_the_letter_and_says_which(session: Session, world: World) -> None:
    for_mothers = f"{PLAIN} Mong {{chị}} sớm khỏe. {{Ngày sinh}} là ngày vui."
    with pytest.raises(InvalidInput, match="Chưa lưu được") as refused:
        letters.write_wording(session, world.clerk, world.tra_cu, KIND, VI, for_mothers)
    assert "Thử với ca “Chỉ biết năm sinh”: Lời thư cần {Ngày sinh}" in refused.value.fields["body"]


def test_previews_show_real_families_first_and_log_the_reading(session: Session, world: World) -> None:
    registered(session, world)
    before = session.scalar(text("SELECT count(*) FROM read_log")) or 0
    shown = queries.previews(session, world.clerk, world.province, KIND, PLAIN)
    assert [one.is_real for one in shown] == [True, *[False] * len(hard_cases(KIND))]
    assert shown[0].title == "Kim Sô Khane"
    assert shown[0].words is not None
    assert shown[0].words.paragraphs == ("xã Trà Cú mừng cháu Kim Sô Khane.",)
    assert session.scalar(text("SELECT count(*) FROM read_log")) == before + 1
    broken = queries.previews(session, world.clerk, world.tra_cu, KIND, PLAIN.replace("{đơn vị}", "{xa}"))
    assert all(one.problem.startswith("Lời thư có chỗ điền lạ {xa}.") for one in broken)


def test_the_language_of_a_letter_is_chosen_and_needs_an_approved_text(
    session: Session, world: World
) -> None:
    row = letter_of(session, registered(session, world))
    with pytest.raises(Refusal, match="Chưa có lời thư song ngữ"):
        letters.choose_language(
            session, world.officer, row.id, FOLDER, expected_version=row.version, language=KM
        )
    made = letters.write_wording(session, world.clerk, world.tra_cu, KIND, KM, shipped(KIND, KM))
    letters.approve_wording(session, world.head, made, expected_version=1, **READER)
    letters.choose_language(session, world.officer, row.id, FOLDER, expected_version=row.version, language=KM)
    approved(session, world, row.case_id)
    with pytest.raises(Conflict):
        letters.choose_language(session, world.officer, row.id, FOLDER, expected_version=3, language=VI)
    work.run_waiting(session)
    done = letter_of(session, row.case_id)
    assert done.state == LetterState.ISSUED
    words = queries.letter_page(session, world.head, done.id, FOLDER).words
    assert words is not None
    assert words.khmer is not None
    assert words.khmer.title.replace("\u200b", "") == "លិខិតអបអរសាទរ"
    assert BIRTH.people[0].full_name in words.khmer.paragraphs[0]
