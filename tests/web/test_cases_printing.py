from __future__ import annotations

from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from tests.shared.paper_reading import words
from tests.web.officer_site import Desk, landed, now, sit
from tests.world import World, receive, register


def _links(page: str) -> list[str]:
    """The words of the links of the group “In giấy”, in order."""
    group = page.partition('<nav class="prints"')[2].partition("</nav>")[0]
    return [piece.partition("</a>")[0] for piece in group.split('target="_blank">')[1:]]


def test_the_case_page_offers_what_fits_each_state(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    session.commit()
    path = f"/ho-so/{case_id}"
    assert _links(desk.open(path).text) == ["Tờ khai"]
    receive(session, world, case_id)
    session.commit()
    assert _links(desk.open(path).text) == ["Tờ khai", "Giấy hẹn", "Phiếu kiểm soát"]
    asked = desk.fill(f"{path}/bo-sung", {"paper.birth_paper": "1", "reason": "Sai tên mẹ"})
    assert landed(asked) == path
    page = desk.open(path).text
    assert "In phiếu yêu cầu bổ sung đưa cho gia đình." in page
    assert _links(page) == ["Tờ khai", "Giấy hẹn", "Phiếu yêu cầu bổ sung", "Phiếu kiểm soát"]
    cases.take_papers(
        session,
        world.officer,
        case_id,
        expected_version=now(session, world, case_id).version,
        papers=("birth_paper",),
    )
    register(session, world, case_id)
    session.commit()
    assert _links(desk.open(path).text) == ["Giấy hẹn", "Phiếu yêu cầu bổ sung", "Phiếu kiểm soát"]


def test_each_paper_opens_as_a_pdf_with_a_name_of_its_own(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    receive(session, world, case_id)
    session.commit()
    path = f"/ho-so/{case_id}/in"
    for name, title in (
        ("to-khai", "TỜ KHAI ĐĂNG KÝ KHAI SINH"),
        ("phieu-kiem-soat", "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ"),
    ):
        answer = desk.open(f"{path}/{name}.pdf")
        assert answer.mimetype == "application/pdf"
        assert answer.headers["Content-Disposition"] == f'inline; filename="{name}.pdf"'
        assert title in words(answer.data)
    early = desk.open(f"{path}/phieu-yeu-cau-bo-sung.pdf")
    assert early.status_code == 409
    assert "Hồ sơ này chưa yêu cầu bổ sung giấy tờ nên chưa có phiếu." in early.text
    assert desk.open(f"{path}/giay-khac.pdf").status_code == 404


def test_a_refused_and_a_withdrawn_case_offer_their_paper(
    session: Session, world: World, client: FlaskClient, desk: Desk, case_id: UUID
) -> None:
    receive(session, world, case_id)
    session.commit()
    path = f"/ho-so/{case_id}"
    head = sit(client, session, "head")
    refused = head.fill(f"{path}/dong/refuse", {"reason": "Đã đăng ký ở xã khác"})
    assert landed(refused) == path
    assert "In phiếu từ chối, ký và đưa cho gia đình." in head.open(path).text
    assert _links(desk.open(path).text) == ["Phiếu từ chối", "Phiếu kiểm soát"]
    assert "Lý do: Đã đăng ký ở xã khác." in words(desk.open(f"{path}/in/phieu-tu-choi.pdf").data)


def test_three_people_ask_for_a_paper(
    session: Session, world: World, client: FlaskClient, case_id: UUID
) -> None:
    receive(session, world, case_id)
    session.commit()
    path = f"/ho-so/{case_id}/in/phieu-kiem-soat.pdf"
    assert sit(client, session, "officer").open(path).status_code == 200
    assert sit(client, session, "neighbour").open(path).status_code == 404
    assert landed(client.get(path)) == "/dang-nhap"
