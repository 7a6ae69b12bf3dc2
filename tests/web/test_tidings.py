from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command as alembic
from alembic.config import Config
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from civreg.cases.queries import tidings_waiting
from civreg.settings import Settings
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.stack.postgres import EmbeddedPostgres
from tests.cases.test_tidings import tell
from tests.live_stack import PROJECT
from tests.web.family import Family, radios_of, told_of, value_of
from tests.web.officer_site import Desk, landed, now, sit
from tests.world import World, build_world

TOLD = {
    "family_name": "Thạch Thị Sa Rết",
    "family_phone": "0912 345 678",
    "hamlet": "Ấp Chợ",
    "event_day": "14",
    "event_month": "11",
    "event_year": "2026",
    "note": "Nhà sau chùa",
    "reporter": "health_station",
    "reporter_name": "Kim Thị Ngọc",
    "reporter_phone": "0977 111 222",
}


@pytest.fixture
def told(session: Session, world: World) -> UUID:
    tell(session, world)
    session.commit()
    return tidings_waiting(session, world.officer)[0].id


def send(client: FlaskClient, world: World, path: str = "/bao-tin/sinh", **changed: str) -> TestResponse:
    """Open the page and send it as somebody without JavaScript and without an account would."""
    family = Family(client)
    page = family.open(path)
    body = {**family.body(page), **TOLD, "commune": str(world.tra_cu), **changed}
    return client.post(path, data=body)


def count(session: Session) -> int:
    return int(session.execute(text("SELECT count(*) FROM tiding")).scalar_one())


def test_a_neighbour_finds_the_way_from_the_first_page(client: FlaskClient, world: World) -> None:
    family = Family(client)
    assert 'href="/bao-tin"' in family.open("/")
    assert 'href="/bao-tin"' in family.open("/yeu-cau")
    page = family.open("/bao-tin")
    for path, words in (
        ("/bao-tin/sinh", "Có em bé mới sinh"),
        ("/bao-tin/mat", "Có người qua đời"),
        ("/bao-tin/cuoi", "Có đám cưới"),
    ):
        assert f'href="{path}"><strong>{words}</strong>' in page
        form = family.open(path)
        assert "Xin không gửi ảnh căn cước, số căn cước hay số định danh của ai" in form
        assert 'type="file"' not in form
    assert client.get("/bao-tin/thue").status_code == 404


def test_the_commune_is_found_by_name_without_a_script(client: FlaskClient, world: World) -> None:
    answer = send(client, world, commune="", commune_search="tra cu", go="search")
    assert answer.status_code == 200
    assert radios_of(answer.text, "commune") == {str(world.tra_cu): True}
    assert value_of(answer.text, "family_name") == "Thạch Thị Sa Rết"
    assert value_of(answer.text, "reporter_phone") == "0977 111 222"


def test_the_receipt_says_who_calls_whom_by_when(client: FlaskClient, session: Session, world: World) -> None:
    answer = send(client, world)
    assert answer.status_code == 200
    assert told_of(answer.text, "Mã tin báo").startswith("BT-")
    assert told_of(answer.text, "Việc tiếp theo") == "Xã Trà Cú gọi cho gia đình, chậm nhất ngày 17/11/2026"
    assert "0294 3874 001" in told_of(answer.text, "Số của xã")
    assert "Thạch" not in answer.text
    assert count(session) == 1
    for changed, words in (
        ({"family_phone": ""}, "gọi lại cho ông/bà để hỏi đường"),
        ({"family_phone": "", "reporter_phone": ""}, "cho người đến hỏi thăm gia đình"),
    ):
        page = send(client, world, **changed).text
        assert told_of(page, "Việc tiếp theo") == f"Xã Trà Cú {words}, chậm nhất ngày 17/11/2026"


def test_a_death_is_told_without_celebration(client: FlaskClient, world: World) -> None:
    form = Family(client).open("/bao-tin/mat")
    page = send(client, world, "/bao-tin/mat").text
    assert "Xã xin chia buồn cùng gia đình." in form
    assert "Xã cảm ơn ông/bà đã báo và xin chia buồn cùng gia đình." in page
    for text_of in (form, page):
        main = text_of[text_of.index("<main") : text_of.index("</main>")]
        assert "!" not in main.replace("<!", "")
        assert 'class="family quiet"' in text_of


def test_a_wedding_asks_for_no_day(client: FlaskClient, session: Session, world: World) -> None:
    assert 'name="event_year"' not in Family(client).open("/bao-tin/cuoi")
    assert send(client, world, "/bao-tin/cuoi").status_code == 200
    row = session.execute(text("SELECT occasion, event_year FROM tiding")).one()
    assert tuple(row) == ("marriage", None)


def test_sending_again_gives_the_same_answer_and_another_body_is_refused(
    client: FlaskClient, session: Session, world: World
) -> None:
    family = Family(client)
    body = {**family.body(family.open("/bao-tin/sinh")), **TOLD, "commune": str(world.tra_cu)}
    first, again = (client.post("/bao-tin/sinh", data=body) for _ in range(2))
    assert told_of(first.text, "Mã tin báo") == told_of(again.text, "Mã tin báo")
    other = client.post("/bao-tin/sinh", data={**body, "family_name": "Kim Thị Mai"})
    assert other.status_code == 422
    assert (
        "Tin này đã được gửi trước đó với nội dung khác. Ông/bà mở trang báo tin mới để báo thêm một tin."
        in (other.text)
    )
    assert value_of(other.text, "family_name") == "Kim Thị Mai"
    assert count(session) == 1


def test_every_empty_box_says_what_to_do_and_nothing_typed_is_lost(
    client: FlaskClient, session: Session, world: World
) -> None:
    empty = dict.fromkeys(TOLD, "")
    answer = send(client, world, **{**empty, "commune": "", "note": "Nhà sau chùa"})
    assert answer.status_code == 422
    for sentence in (
        "Ông/bà ghi họ tên một người trong gia đình để xã hỏi gặp.",
        "Ông/bà ghi tên xã, bấm “Tìm xã”, rồi chọn xã trong danh sách.",
        "Ông/bà ghi tên ấp hoặc khóm.",
        "Ông/bà chọn mình là ai.",
        "Ông/bà ghi họ tên để xã biết ai báo tin.",
    ):
        assert answer.text.count(sentence) == 2, sentence  # in the summary and at the box
    assert "Nhà sau chùa" in answer.text
    wrong = send(client, world, family_phone="12", reporter_name="A1", event_year="2027", event_day="")
    assert wrong.status_code == 422
    assert "Ông/bà ghi số điện thoại đủ 10 chữ số, ví dụ 0912 345 678." in wrong.text
    assert "Họ tên không có chữ số. Ông/bà ghi lại bằng chữ." in wrong.text
    assert "Năm 2027 chưa đến. Ông/bà ghi ngày không muộn hơn 16/11/2026." in wrong.text
    assert radios_of(wrong.text, "commune") == {str(world.tra_cu): True}
    assert radios_of(wrong.text, "reporter")["health_station"]
    assert count(session) == 0


def test_a_commune_that_takes_no_part_says_where_to_go(
    client: FlaskClient, session: Session, world: World
) -> None:
    answer = send(client, world, commune=str(world.province))
    assert answer.status_code == 422
    assert "Tỉnh Vĩnh Long chưa nhận đăng ký tại nhà qua mạng." in answer.text
    assert send(client, world, commune="999999999999").status_code == 422
    assert count(session) == 0


def test_the_twenty_first_tiding_of_an_hour_waits(
    client: FlaskClient, session: Session, world: World
) -> None:
    for _ in range(20):
        tell(session, world, address="127.0.0.1")
    session.commit()
    answer = send(client, world)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3600"
    assert (
        "Từ nơi này đã gửi 20 tin trong một giờ nên xã tạm chưa nhận thêm. Những gì ông/bà đã ghi vẫn còn; "
        "xin chờ một giờ rồi gửi lại, hoặc gọi cho xã." in answer.text
    )
    assert value_of(answer.text, "family_name") == "Thạch Thị Sa Rết"
    assert count(session) == 20


def test_a_stale_token_keeps_everything_and_a_foreign_one_is_not_taken(
    client: FlaskClient, session: Session, world: World
) -> None:
    stale = send(client, world, csrf_token="alt")
    assert stale.status_code == 400
    assert "Trang đã mở quá lâu nên chưa gửi được." in stale.text
    assert value_of(stale.text, "family_name") == "Thạch Thị Sa Rết"
    foreign = client.post("/bao-tin/sinh", data=TOLD, headers={"Origin": "https://la.example"})
    assert foreign.status_code == 400
    assert "Nội dung này được gửi từ một trang khác nên không được nhận." in foreign.text
    assert count(session) == 0


# the desk


def test_an_officer_makes_a_tiding_a_request(session: Session, world: World, desk: Desk, told: UUID) -> None:
    page = desk.open("/ban-lam-viec").text
    assert 'href="#bao-tin"' in page
    assert f'href="/bao-tin/{told}"><strong>Gia đình Thạch Thị Sa Rết</strong>' in page
    assert "hẹn gọi còn 1 ngày" in page
    page = desk.open(f"/bao-tin/{told}").text
    assert "Gọi gia đình 0912 345 678" in page
    assert "Hỏi người báo 0977 111 222" in page
    assert "14/11/2026" in page
    path = f"/bao-tin/{told}/lap-yeu-cau"
    form = desk.form(path)
    assert {name: form.fields[name] for name in ("requester_name", "phone", "hamlet", "channel", "note")} == {
        "requester_name": "Thạch Thị Sa Rết",
        "phone": "0912345678",
        "hamlet": "Ấp Chợ",
        "channel": "hamlet_head",
        "note": "Người báo tin: Sơn Ngọc Minh (trưởng ấp, trưởng khóm). Nhà sau chùa, mẹ còn nằm ở trạm.",
    }
    offered = desk.open(path).text
    assert '<option value="birth_mobile"' in offered
    assert '<option value="death_at_home"' not in offered
    missing = desk.send(form)
    assert missing.status_code == 422
    assert "Ông/bà chọn việc gia đình cần." in missing.text
    made = desk.send(form, procedure="birth_at_home")
    case_id = UUID(landed(made).rpartition("/")[2])
    case = now(session, world, case_id)
    assert (case.channel, case.fields["event_day"], case.callback_only) == ("hamlet_head", "14", True)
    assert "từ tin báo. Bước tiếp theo: gọi cho gia đình." in desk.open(f"/ho-so/{case_id}").text
    assert landed(desk.send(form, procedure="birth_mobile")) == f"/ho-so/{case_id}"
    assert landed(desk.open(path)) == f"/ho-so/{case_id}"
    assert "Đã lập thành yêu cầu" in desk.open(f"/bao-tin/{told}").text
    assert f"/bao-tin/{told}" not in desk.open("/ban-lam-viec").text
    assert session.execute(text("SELECT count(*) FROM case_file")).scalar_one() == 1


def test_a_wrong_phone_is_said_at_its_box(desk: Desk, told: UUID) -> None:
    answer = desk.fill(f"/bao-tin/{told}/lap-yeu-cau", {"procedure": "birth_at_home", "phone": "12"})
    assert answer.status_code == 422
    assert 'href="#phone"' in answer.text
    assert 'value="12"' in answer.text
    assert 'value="Thạch Thị Sa Rết"' in answer.text


def test_a_dropped_tiding_leaves_the_desk_with_its_reason(desk: Desk, told: UUID) -> None:
    path = f"/bao-tin/{told}/bo"
    form = desk.form(path)
    empty = desk.send(form, reason="")
    assert empty.status_code == 422
    assert empty.text.count("Ông/bà ghi lý do bỏ tin.") == 2
    take = desk.form(f"/bao-tin/{told}/lap-yeu-cau")
    assert landed(desk.send(form, reason="Gia đình đã tự gửi")) == "/ban-lam-viec"
    page = desk.open(f"/bao-tin/{told}").text
    assert "Gia đình đã tự gửi" in page
    assert "Lập yêu cầu</a>" not in page
    stale = desk.send(take, procedure="birth_at_home", hamlet="Ấp Mới")
    assert stale.status_code == 409
    assert "Tin này vừa có người khác xử lý. Ông/bà mở lại tin để xem." in stale.text
    assert 'value="Ấp Mới"' in stale.text
    again = desk.send(form, reason="Báo trùng")
    assert again.status_code == 409
    assert 'value="Báo trùng"' in again.text
    assert landed(desk.open(path)) == f"/bao-tin/{told}"


def test_a_tiding_is_the_own_unit_s(client: FlaskClient, session: Session, world: World, told: UUID) -> None:
    for path in (f"/bao-tin/{told}", f"/bao-tin/{told}/lap-yeu-cau", f"/bao-tin/{told}/bo"):
        assert sit(client, session, "head").open(path).status_code == 200
        for person in ("neighbour", "stranger", "clerk", "administrator"):
            assert sit(client, session, person).open(path).status_code == 404, (person, path)
        asked = client.application.test_client().get(path)
        assert asked.headers["Location"].startswith("/dang-nhap?")
    assert f"/bao-tin/{told}" not in sit(client, session, "neighbour").open("/ban-lam-viec").text


def test_a_late_tiding_is_marked(client: FlaskClient, session: Session, world: World, told: UUID) -> None:
    with clock.travelling(datetime(2026, 11, 19, 8, tzinfo=clock.ZONE)):
        page = sit(client, session, "officer").open("/ban-lam-viec").text
    assert 'is-late">hẹn gọi quá 2 ngày' in page


# without the database


@pytest.fixture
def own_postgres(short_folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server that only this test stops."""
    with EmbeddedPostgres(Path(tempfile.mkdtemp(dir=short_folder))) as server:
        yield server


def test_a_stopped_database_loses_nothing(
    own_postgres: EmbeddedPostgres, settings_for: Callable[[str], Settings]
) -> None:
    configuration = Config(str(PROJECT / "migrations" / "alembic.ini"))
    configuration.set_main_option("script_location", str(PROJECT / "migrations"))
    configuration.attributes["url"] = own_postgres.url("owner", "civreg")
    alembic.upgrade(configuration, "head")
    settings = settings_for("civreg").model_copy(update={"database_url": own_postgres.url("app", "civreg")})
    app: Flask = importlib.import_module("civreg.factory").create_app(settings, {"TESTING": True})
    with app.app_context(), transaction(app.extensions["sqlalchemy"].session()) as session:
        world = build_world(session)
    client = app.test_client()
    family = Family(client)
    event = {"event_day": "", "event_month": "", "event_year": ""}
    body = {**family.body(family.open("/bao-tin/sinh")), **TOLD, **event, "commune": str(world.tra_cu)}

    own_postgres.stop(immediate=True)
    refused = client.post("/bao-tin/sinh", data=body)
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "60"
    assert "những gì ông/bà đã ghi vẫn còn trên trang này" in refused.text
    assert client.get("/bao-tin").status_code == 200
    assert client.get("/bao-tin/mat").status_code == 200
    for name in ("family_name", "family_phone", "hamlet", "reporter_name", "reporter_phone"):
        assert value_of(refused.text, name) == TOLD[name]
    assert radios_of(refused.text, "commune") == {str(world.tra_cu): True}
    assert family.body(refused.text)["request_key"] == body["request_key"]

    own_postgres.start()
    codes = {told_of(client.post("/bao-tin/sinh", data=body).text, "Mã tin báo") for _ in range(2)}
    assert len(codes) == 1
    with app.app_context():
        app.extensions["sqlalchemy"].session.remove()
        app.extensions["sqlalchemy"].engine.dispose()
