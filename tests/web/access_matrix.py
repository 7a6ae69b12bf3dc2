"""Who may open what, written by hand: one row per route and method. A route without a row fails `test_access`.

Columns: officer head clerk staff administrator stranger anonymous. Each cell has one letter for an area, two for an
address that names an object: the object of the own unit, then one of another unit outside the person's province.
    o  opened (anything but the three below)      d  403, the whole area is closed
    h  404, as if there were no such object       s  sent to the sign-in page (redirect, or 401 with what was typed)
The stranger is signed in and holds no role. Paths are filled from `tests.web.access_world.Objects`.
"""

from __future__ import annotations

from dataclasses import dataclass

PEOPLE = ("officer", "head", "clerk", "staff", "administrator", "stranger", "anonymous")


@dataclass(frozen=True)
class Row:
    """One route and method with what each person gets."""

    endpoint: str
    method: str
    path: str
    cells: str

    def expected(self) -> dict[str, str]:
        """Return person → cell."""
        cells = self.cells.split()
        assert len(cells) == len(PEOPLE), f"{self.endpoint} needs {len(PEOPLE)} cells"
        return dict(zip(PEOPLE, cells, strict=True))


EVERYBODY = "o o o o o o o"
#                off hea cle sta adm str ano
SIGNED_IN = "    o   o   o   o   o   o   s"
ADMIN_AREA = "   d   d   d   d   o   d   s"
ADMIN_OBJECT = " hh  hh  hh  hh  oh  hh  ss"
ADMIN_RULE = "   h   h   h   h   o   h   s"
AUDITOR_AREA = " d   d   d   d   d   d   s"
CASE_AREA = "    o   o   d   d   d   d   s"
CASE_OBJECT = "  oh  oh  hh  hh  hh  hh  ss"
HEAD_OBJECT = "  dh  oh  hh  hh  hh  hh  ss"
SIGN_OBJECT = "  hh  oh  hh  hh  hh  hh  ss"
VISIT_AREA = "   o   o   d   d   d   d   s"
LETTER_AREA = "  o   o   o   d   d   d   s"
LETTER_OBJECT = "oh  oh  oh  hh  hh  hh  ss"
PRINT_AREA = "   d   d   o   d   d   d   s"
PRINT_OBJECT = " hh  hh  oh  hh  hh  hh  ss"
APPROVE_OBJECT = " hh  oh  hh  hh  hh  hh  ss"
FIGURES = "      oh  oh  oh  oh  dd  dd  ss"
PHOTOGRAPHS = " oh  oh  hh  hh  hh  hh  ss"
LETTER = "/thu/{letter_id}"
PILE = "/thu/giao/{unit_id}"
SPEAK_OBJECT = " oh  oh  hh  hh  hh  hh  ss"
WORDING = "/thu/loi-van/{wording_id}"
PAPER = "/thu/mau-giay/{unit_id}"
WRITE_OBJECT = " hh  oh  oh  hh  hh  hh  ss"
RUN = "/thu/in/{run_id}"
BOOK_OF_LETTERS = "/thu/so/{unit_id}"
MONTH = "don-vi={unit_code}&thang=2026-11"
BEHIND = "don-vi={unit_code}&tu=2026-11-01&den=2026-11-30&dong=requested"
CASE = "/ho-so/{case_id}"
BUNDLE = "/ho-so/{bundle_id}"
PART = f"{BUNDLE}/thanh-phan/residence"
APOLOGY = f"{BUNDLE}/xin-loi/{{apology_id}}"
TIDING = "/bao-tin/{tiding_id}"
SORRY = "/lich-den-nha/{visit_id}/xin-loi"
COMPLAINT = "/phan-anh/{complaint_id}"
VISIT = "/lich-den-nha/{visit_id}"
BOOK = "/lich-den-nha/so/{book_id}"
IMAGE = f"{CASE}/giay-to/{{image_id}}"
ASK = "/yeu-cau/birth_at_home"
MERGER = "/quan-tri/sap-nhap/{old_unit_id}"
RULES = "/quan-tri/quy-dinh/birth_mobile"
OWN_RULE = "/quan-tri/quy-dinh/rieng/{own_rule_id}"
USER = "/quan-tri/tai-khoan/{user_id}"

ROWS: tuple[Row, ...] = (
    Row("home.show", "GET", "/", EVERYBODY),
    Row("api.openapi", "GET", "/api/v1/openapi.json", EVERYBODY),
    Row("api.due_date", "GET", "/api/v1/due-date", EVERYBODY),
    Row("api.procedures", "GET", "/api/v1/procedures", EVERYBODY),
    Row("health.alive", "GET", "/healthz", EVERYBODY),
    Row("health.ready", "GET", "/readyz", EVERYBODY),
    Row("health.metrics", "GET", "/metrics", EVERYBODY),
    # sign-in
    Row("sign_in.show", "GET", "/dang-nhap", EVERYBODY),
    Row("sign_in.sign_in", "POST", "/dang-nhap", EVERYBODY),
    Row("sign_in.sign_out", "POST", "/dang-xuat", EVERYBODY),
    Row("sign_in.change_password", "GET", "/mat-khau", SIGNED_IN),
    Row("sign_in.change_password", "POST", "/mat-khau", SIGNED_IN),
    Row("sign_in.show_code", "GET", "/dang-nhap/ma-xac-thuc", EVERYBODY),
    Row("sign_in.send_code", "POST", "/dang-nhap/ma-xac-thuc", EVERYBODY),
    Row("sign_in.account", "GET", "/tai-khoan", SIGNED_IN),
    Row("sign_in.sign_out_elsewhere", "POST", "/tai-khoan/dang-xuat-noi-khac", SIGNED_IN),
    Row("sign_in.second_factor", "GET", "/tai-khoan/ma-xac-thuc", SIGNED_IN),
    Row("sign_in.confirm_second_factor", "POST", "/tai-khoan/ma-xac-thuc", SIGNED_IN),
    Row("sign_in.start_second_factor", "POST", "/tai-khoan/ma-xac-thuc/bat-dau", SIGNED_IN),
    Row("sign_in.stop_second_factor", "POST", "/tai-khoan/ma-xac-thuc/tat", SIGNED_IN),
    # families
    Row("intake.index", "GET", "/yeu-cau", EVERYBODY),
    Row("intake.suggest_communes", "GET", "/yeu-cau/xa?q=tra+cu", EVERYBODY),
    Row("intake.sent", "GET", "/yeu-cau/da-gui", EVERYBODY),
    Row("intake.sent_print", "GET", "/yeu-cau/da-gui/in", EVERYBODY),
    Row("intake.about", "GET", ASK, EVERYBODY),
    Row("intake.callback", "GET", f"{ASK}/goi-lai", EVERYBODY),
    Row("intake.send_callback", "POST", f"{ASK}/goi-lai", EVERYBODY),
    Row("intake.ask", "GET", f"{ASK}/commune", EVERYBODY),
    Row("intake.answer", "POST", f"{ASK}/commune", EVERYBODY),
    Row("intake.review", "GET", f"{ASK}/xem-lai", EVERYBODY),
    Row("intake.send", "POST", f"{ASK}/xem-lai", EVERYBODY),
    Row("intake.forget", "POST", f"{ASK}/xoa-ban-nhap", EVERYBODY),
    Row("tidings.index", "GET", "/bao-tin", EVERYBODY),
    Row("tidings.show", "GET", "/bao-tin/sinh", EVERYBODY),
    Row("tidings.send", "POST", "/bao-tin/sinh", EVERYBODY),
    Row("following.show", "GET", "/tra-cuu", EVERYBODY),
    Row("following.find", "POST", "/tra-cuu", EVERYBODY),
    Row("following.complain", "POST", "/tra-cuu/phan-anh", EVERYBODY),
    Row("following.tell_received", "POST", "/tra-cuu/da-nhan", EVERYBODY),
    # without a ticket they only say how to get one
    Row("family_papers.enter", "POST", "/gui-anh/mo", EVERYBODY),
    Row("family_papers.show", "GET", "/gui-anh", EVERYBODY),
    Row("family_papers.send", "POST", "/gui-anh", EVERYBODY),
    # the desk and its cases
    Row("desk.show", "GET", "/ban-lam-viec", CASE_AREA),
    # a reminder for officers; the head has her own
    Row("desk.notice_seen", "POST", "/ban-lam-viec/nhac/{notice_id}", "oh hh hh hh hh hh ss"),
    Row("cases.index", "GET", "/ho-so", CASE_AREA),
    Row("cases.search", "POST", "/ho-so/tim", CASE_AREA),
    Row("cases.new", "GET", "/ho-so/moi", CASE_AREA),
    Row("cases.create", "POST", "/ho-so/moi", CASE_AREA),
    # leads to the search, which finds what the person may see
    Row("cases.by_code", "GET", "/ho-so/ma/{case_code}", "o o h h h h s"),
    Row("cases.show", "GET", CASE, CASE_OBJECT),
    Row("cases.edit", "GET", f"{CASE}/sua", CASE_OBJECT),
    Row("cases.change", "POST", f"{CASE}/sua", CASE_OBJECT),
    Row("cases.called", "POST", f"{CASE}/da-goi", CASE_OBJECT),
    Row("cases.tracking", "POST", f"{CASE}/ma-tra-cuu", CASE_OBJECT),
    Row("cases.slip", "GET", f"{CASE}/phieu-hen.pdf", CASE_OBJECT),
    Row("cases.print_paper", "GET", f"{CASE}/in/to-khai.pdf", CASE_OBJECT),
    Row("cases.receive", "GET", f"{CASE}/nhan-ho-so", CASE_OBJECT),
    Row("cases.take_dossier", "POST", f"{CASE}/nhan-ho-so", CASE_OBJECT),
    Row("cases.request_papers", "GET", f"{CASE}/bo-sung", CASE_OBJECT),
    Row("cases.request_papers", "POST", f"{CASE}/bo-sung", CASE_OBJECT),
    # a new paper after the round needs the head's word
    Row("cases.print_supplement", "GET", f"{BUNDLE}/bo-sung/{{asked_id}}.pdf", CASE_OBJECT),
    Row("cases.decide_supplement", "GET", f"{BUNDLE}/bo-sung/{{supplement_id}}", SIGN_OBJECT),
    Row("cases.decide_supplement", "POST", f"{BUNDLE}/bo-sung/{{supplement_id}}", SIGN_OBJECT),
    Row("cases.ask_outside", "GET", f"{CASE}/co-quan-khac", CASE_OBJECT),
    Row("cases.ask_outside", "POST", f"{CASE}/co-quan-khac", CASE_OBJECT),
    Row("cases.note_answer", "GET", f"{BUNDLE}/co-quan-khac/{{wait_id}}", CASE_OBJECT),
    Row("cases.note_answer", "POST", f"{BUNDLE}/co-quan-khac/{{wait_id}}", CASE_OBJECT),
    Row("cases.change_door", "GET", f"{BUNDLE}/tai-nha", CASE_OBJECT),
    Row("cases.change_door", "POST", f"{BUNDLE}/tai-nha", CASE_OBJECT),
    Row("cases.take_papers", "GET", f"{CASE}/nhan-bo-sung", CASE_OBJECT),
    Row("cases.take_papers", "POST", f"{CASE}/nhan-bo-sung", CASE_OBJECT),
    Row("cases.await_number", "GET", f"{CASE}/cho-so-dinh-danh", CASE_OBJECT),
    Row("cases.await_number", "POST", f"{CASE}/cho-so-dinh-danh", CASE_OBJECT),
    Row("cases.enter_numbers", "GET", f"{CASE}/so-dang-ky", CASE_OBJECT),
    Row("cases.enter_numbers", "POST", f"{CASE}/so-dang-ky", CASE_OBJECT),
    Row("cases.sign", "GET", f"{CASE}/da-ky", CASE_OBJECT),
    Row("cases.sign", "POST", f"{CASE}/da-ky", CASE_OBJECT),
    Row("cases.deliver", "GET", f"{CASE}/tra-ket-qua", CASE_OBJECT),
    Row("cases.deliver", "POST", f"{CASE}/tra-ket-qua", CASE_OBJECT),
    Row("cases.close", "GET", f"{CASE}/dong/withdraw", CASE_OBJECT),
    Row("cases.close", "POST", f"{CASE}/dong/withdraw", CASE_OBJECT),
    Row("cases.copy_card", "GET", f"{CASE}/the-chep", PHOTOGRAPHS),
    # a written refusal is the head's alone
    Row("cases.close", "GET", f"{CASE}/dong/refuse", HEAD_OBJECT),
    # cases of one family, and what is noted beside the form
    Row("cases.add_twin", "GET", f"{CASE}/be-sinh-doi", CASE_OBJECT),
    Row("cases.add_twin", "POST", f"{CASE}/be-sinh-doi", CASE_OBJECT),
    Row("cases.start_marriage", "GET", f"{CASE}/ket-hon-truoc", CASE_OBJECT),
    Row("cases.start_marriage", "POST", f"{CASE}/ket-hon-truoc", CASE_OBJECT),
    Row("cases.link", "GET", f"{CASE}/lien-quan", CASE_OBJECT),
    Row("cases.link", "POST", f"{CASE}/lien-quan", CASE_OBJECT),
    Row("cases.unlink", "GET", f"{CASE}/lien-quan/{{tied_id}}/bo", CASE_OBJECT),
    Row("cases.unlink", "POST", f"{CASE}/lien-quan/{{tied_id}}/bo", CASE_OBJECT),
    Row("cases.annul", "GET", f"{CASE}/huy-dang-ky", SIGN_OBJECT),
    Row("cases.annul", "POST", f"{CASE}/huy-dang-ky", SIGN_OBJECT),
    Row("cases.open_correction", "GET", f"{CASE}/sua-sai", CASE_OBJECT),
    Row("cases.open_correction", "POST", f"{CASE}/sua-sai", CASE_OBJECT),
    Row("cases.close_correction", "GET", f"{CASE}/sua-sai/xong", CASE_OBJECT),
    Row("cases.close_correction", "POST", f"{CASE}/sua-sai/xong", CASE_OBJECT),
    Row("cases.declare_relative", "GET", f"{CASE}/nguoi-than-thich", CASE_OBJECT),
    Row("cases.declare_relative", "POST", f"{CASE}/nguoi-than-thich", CASE_OBJECT),
    Row("cases.take_back_relative", "GET", f"{CASE}/nguoi-than-thich/{{move_id}}/bo", SIGN_OBJECT),
    Row("cases.take_back_relative", "POST", f"{CASE}/nguoi-than-thich/{{move_id}}/bo", SIGN_OBJECT),
    Row("cases.circumstances", "GET", f"{CASE}/hoan-canh", CASE_OBJECT),
    Row("cases.circumstances", "POST", f"{CASE}/hoan-canh", CASE_OBJECT),
    # what was told without an account
    Row("cases.tiding", "GET", TIDING, CASE_OBJECT),
    Row("cases.take_tiding", "GET", f"{TIDING}/lap-yeu-cau", CASE_OBJECT),
    Row("cases.take_tiding", "POST", f"{TIDING}/lap-yeu-cau", CASE_OBJECT),
    Row("cases.drop_tiding", "GET", f"{TIDING}/bo", CASE_OBJECT),
    Row("cases.drop_tiding", "POST", f"{TIDING}/bo", CASE_OBJECT),
    # parts that other agencies do, and apologies
    Row("cases.stuck", "GET", "/ho-so/bo-do", CASE_AREA),
    Row("cases.part_step", "GET", f"{PART}/submit", CASE_OBJECT),
    Row("cases.move_part", "POST", f"{PART}/submit", CASE_OBJECT),
    Row("cases.part_checked", "POST", f"{PART}/da-goi", CASE_OBJECT),
    Row("cases.foresee_late", "GET", f"{BUNDLE}/khong-kip-hen", CASE_OBJECT),
    Row("cases.foresee_late", "POST", f"{BUNDLE}/khong-kip-hen", CASE_OBJECT),
    Row("cases.sign_apology", "GET", f"{APOLOGY}/ky", SIGN_OBJECT),
    Row("cases.sign_apology", "POST", f"{APOLOGY}/ky", SIGN_OBJECT),
    Row("cases.send_apology", "POST", f"{APOLOGY}/da-bao", CASE_OBJECT),
    Row("cases.apology_slip", "GET", f"{APOLOGY}.pdf", CASE_OBJECT),
    # photographs of papers: only who works on the case
    Row("papers.show", "GET", f"{CASE}/giay-to", PHOTOGRAPHS),
    Row("papers.add", "POST", f"{CASE}/giay-to", PHOTOGRAPHS),
    Row("papers.album", "GET", f"{CASE}/giay-to.pdf", PHOTOGRAPHS),
    Row("papers.look", "GET", IMAGE, PHOTOGRAPHS),
    Row("papers.picture", "GET", f"{IMAGE}.jpg", PHOTOGRAPHS),
    Row("papers.remove", "GET", f"{IMAGE}/bo", PHOTOGRAPHS),
    Row("papers.remove", "POST", f"{IMAGE}/bo", PHOTOGRAPHS),
    # visits
    Row("visits.index", "GET", "/lich-den-nha", VISIT_AREA),
    Row("visits.book", "GET", f"{CASE}/lich-den-nha", CASE_OBJECT),
    Row("visits.create", "POST", f"{CASE}/lich-den-nha", CASE_OBJECT),
    Row("visits.record_past", "GET", f"{CASE}/chuyen-da-di", CASE_OBJECT),
    Row("visits.record_past", "POST", f"{CASE}/chuyen-da-di", CASE_OBJECT),
    Row("visits.show", "GET", VISIT, CASE_OBJECT),
    Row("visits.record", "POST", f"{VISIT}/ket-qua", CASE_OBJECT),
    Row("visits.cancel", "POST", f"{VISIT}/huy", CASE_OBJECT),
    Row("visits.sign_apology", "GET", SORRY, SIGN_OBJECT),
    Row("visits.sign_apology", "POST", SORRY, SIGN_OBJECT),
    Row("visits.send_apology", "POST", f"{SORRY}/da-bao", CASE_OBJECT),
    Row("complaints.index", "GET", "/phan-anh", "d o d d d d s"),
    Row("complaints.show", "GET", COMPLAINT, SIGN_OBJECT),
    Row("complaints.show", "POST", COMPLAINT, SIGN_OBJECT),
    Row("visits.move", "GET", f"{VISIT}/doi-gio", CASE_OBJECT),
    Row("visits.move", "POST", f"{VISIT}/doi-gio", CASE_OBJECT),
    Row("visits.choose_books", "POST", f"{VISIT}/so", CASE_OBJECT),
    Row("visits.join", "POST", f"{VISIT}/ghep/{{case_id}}", CASE_OBJECT),
    # register books
    Row("books.index", "GET", "/lich-den-nha/so", VISIT_AREA),
    Row("books.open_book", "GET", "/lich-den-nha/so/mo", VISIT_AREA),
    Row("books.open_book", "POST", "/lich-den-nha/so/mo", VISIT_AREA),
    Row("books.take_out", "GET", f"{BOOK}/mang-di", CASE_OBJECT),
    Row("books.take_out", "POST", f"{BOOK}/mang-di", CASE_OBJECT),
    Row("books.bring_back", "POST", f"{BOOK}/mang-ve", CASE_OBJECT),
    Row("books.close", "GET", f"{BOOK}/khoa", CASE_OBJECT),
    Row("books.close", "POST", f"{BOOK}/khoa", CASE_OBJECT),
    # letters
    Row("confirming.show", "GET", "/kiem-tra-thu/x", "h h h h h h h"),
    Row("wordings.index", "GET", "/thu/loi-van", LETTER_AREA),
    Row("wordings.write", "GET", "/thu/loi-van/soan/{unit_id}/condolence/vi", WRITE_OBJECT),
    Row("wordings.write", "POST", "/thu/loi-van/soan/{unit_id}/condolence/vi", WRITE_OBJECT),
    Row("wordings.preview", "POST", "/thu/loi-van/xem-thu/{unit_id}/condolence", WRITE_OBJECT),
    Row("wordings.show", "GET", WORDING, LETTER_OBJECT),
    Row("wordings.sample", "GET", f"{WORDING}/cu.pdf", LETTER_OBJECT),
    Row("wordings.change", "GET", f"{WORDING}/sua", WRITE_OBJECT),
    Row("wordings.change", "POST", f"{WORDING}/sua", WRITE_OBJECT),
    Row("wordings.approve", "POST", f"{WORDING}/duyet", APPROVE_OBJECT),
    Row("wordings.withdraw", "POST", f"{WORDING}/thoi-dung", APPROVE_OBJECT),
    Row("letter_papers.index", "GET", "/thu/mau-giay", LETTER_AREA),
    Row("letter_papers.layout", "GET", f"{PAPER}/condolence", WRITE_OBJECT),
    Row("letter_papers.layout", "POST", f"{PAPER}/condolence", WRITE_OBJECT),
    Row("letter_papers.signer", "GET", f"{PAPER}/nguoi-ky", APPROVE_OBJECT),
    Row("letter_papers.signer", "POST", f"{PAPER}/nguoi-ky", APPROVE_OBJECT),
    Row("letter_papers.sample", "GET", f"{PAPER}/condolence.pdf", LETTER_OBJECT),
    Row("letters.index", "GET", "/thu", LETTER_AREA),
    Row("letters.show", "GET", LETTER, LETTER_OBJECT),
    Row("letters.show_pdf", "GET", f"{LETTER}.pdf", LETTER_OBJECT),
    Row("letters.hand_over", "GET", f"{LETTER}/trao", LETTER_OBJECT),
    Row("letters.hand_over", "POST", f"{LETTER}/trao", LETTER_OBJECT),
    Row("letters.return_letter", "GET", f"{LETTER}/mang-ve", LETTER_OBJECT),
    Row("letters.return_letter", "POST", f"{LETTER}/mang-ve", LETTER_OBJECT),
    # holding a letter back needs the case
    Row("letters.hold", "GET", f"{LETTER}/tam-giu", CASE_OBJECT),
    Row("letters.hold", "POST", f"{LETTER}/tam-giu", CASE_OBJECT),
    Row("letters.release", "GET", f"{LETTER}/bo-tam-giu", CASE_OBJECT),
    Row("letters.release", "POST", f"{LETTER}/bo-tam-giu", CASE_OBJECT),
    Row("letters.approve", "POST", f"{LETTER}/duyet", APPROVE_OBJECT),
    Row("letters.approve_many", "POST", "/thu/duyet", "d o d d d d s"),
    Row("letters.language", "GET", f"{LETTER}/ngon-ngu", SPEAK_OBJECT),
    Row("letters.choose_language", "POST", f"{LETTER}/ngon-ngu", SPEAK_OBJECT),
    Row("letters.cancel", "GET", f"{LETTER}/huy", APPROVE_OBJECT),
    Row("letters.cancel", "POST", f"{LETTER}/huy", APPROVE_OBJECT),
    Row("letters.keep", "GET", f"{LETTER}/luu", LETTER_OBJECT),
    Row("letters.keep", "POST", f"{LETTER}/luu", LETTER_OBJECT),
    Row("letters.spoil", "GET", f"{LETTER}/to-hong", PRINT_OBJECT),
    Row("letters.spoil", "POST", f"{LETTER}/to-hong", PRINT_OBJECT),
    Row("letters.take_back", "GET", f"{LETTER}/ghi-nham", APPROVE_OBJECT),
    Row("letters.take_back", "POST", f"{LETTER}/ghi-nham", APPROVE_OBJECT),
    Row("letters.let_go", "GET", f"{LETTER}/cho-di-tiep", APPROVE_OBJECT),
    Row("letters.let_go", "POST", f"{LETTER}/cho-di-tiep", APPROVE_OBJECT),
    Row("letters.replace_letter", "GET", f"{LETTER}/thay", APPROVE_OBJECT),
    Row("letters.replace_letter", "POST", f"{LETTER}/thay", APPROVE_OBJECT),
    Row("letters.settle_recall", "GET", f"{LETTER}/da-bao", LETTER_OBJECT),
    Row("letters.settle_recall", "POST", f"{LETTER}/da-bao", LETTER_OBJECT),
    Row("letters.receipt", "GET", f"{LETTER}/anh-nhan/{{asked_id}}.jpg", "hh hh hh hh hh hh ss"),
    Row("letters.counts", "GET", "/thu/so-lieu?don-vi={unit_code}", FIGURES),
    Row("letters.books", "GET", "/thu/so", LETTER_AREA),
    Row("letters.book", "GET", BOOK_OF_LETTERS, LETTER_OBJECT),
    Row("letters.book_pdf", "GET", f"{BOOK_OF_LETTERS}.pdf", LETTER_OBJECT),
    Row("letters.book_xlsx", "GET", f"{BOOK_OF_LETTERS}.xlsx", LETTER_OBJECT),
    Row("letters.start_book", "POST", f"{BOOK_OF_LETTERS}/so-dau", APPROVE_OBJECT),
    Row("letters.set_desk", "POST", f"{BOOK_OF_LETTERS}/cach-lam", APPROVE_OBJECT),
    Row("letters.print_page", "GET", "/thu/in", PRINT_AREA),
    Row("letters.print_letters", "POST", "/thu/in", PRINT_AREA),
    Row("letters.show_run", "GET", RUN, PRINT_OBJECT),
    Row("letters.run_pdf", "GET", f"{RUN}.pdf", PRINT_OBJECT),
    Row("letters.reprint", "POST", f"{RUN}/in-lai", PRINT_OBJECT),
    Row("letters.cancel_run", "POST", f"{RUN}/huy", PRINT_OBJECT),
    Row("letters.sign_many", "POST", f"{RUN}/da-ky", PRINT_OBJECT),
    Row("letters.sign_seal", "POST", f"{LETTER}/da-ky", PRINT_OBJECT),
    Row("letters.give", "GET", "/thu/giao", PRINT_AREA),
    Row("letters.give_many", "GET", PILE, PRINT_OBJECT),
    Row("letters.given", "POST", PILE, PRINT_OBJECT),
    Row("letters.show_given", "GET", f"{PILE}/da-giao", PRINT_OBJECT),
    Row("letters.hand_over_list", "GET", f"{PILE}/danh-sach.pdf", PRINT_OBJECT),
    Row("letters.hand_over_list", "POST", f"{PILE}/danh-sach.pdf", PRINT_OBJECT),
    # figures
    Row("statistics.index", "GET", f"/thong-ke?{MONTH}", FIGURES),
    Row("statistics.behind", "GET", f"/thong-ke/ho-so?{BEHIND}", FIGURES),
    Row("statistics.behind_csv", "GET", f"/thong-ke/ho-so.csv?{BEHIND}", FIGURES),
    Row("statistics.month_csv", "GET", f"/thong-ke/thang.csv?{MONTH}", FIGURES),
    Row("statistics.month_xlsx", "GET", f"/thong-ke/thang.xlsx?{MONTH}", FIGURES),
    # administration
    Row("administration.index", "GET", "/quan-tri", ADMIN_AREA),
    Row("administration.users", "GET", "/quan-tri/tai-khoan", ADMIN_AREA),
    Row("administration.new_user", "GET", "/quan-tri/tai-khoan/moi", ADMIN_AREA),
    Row("administration.new_user", "POST", "/quan-tri/tai-khoan/moi", ADMIN_AREA),
    Row("administration.user", "GET", USER, ADMIN_OBJECT),
    Row("administration.user", "POST", USER, ADMIN_OBJECT),
    Row("administration.lock_user", "GET", f"{USER}/khoa", ADMIN_OBJECT),
    Row("administration.lock_user", "POST", f"{USER}/khoa", ADMIN_OBJECT),
    Row("administration.unlock_user", "POST", f"{USER}/mo-khoa", ADMIN_OBJECT),
    Row("administration.reset_password", "GET", f"{USER}/mat-khau-moi", ADMIN_OBJECT),
    Row("administration.reset_password", "POST", f"{USER}/mat-khau-moi", ADMIN_OBJECT),
    Row("administration.grant_role", "GET", f"{USER}/vai-tro", ADMIN_OBJECT),
    Row("administration.grant_role", "POST", f"{USER}/vai-tro", ADMIN_OBJECT),
    Row("administration.end_role", "GET", f"{USER}/vai-tro/{{grant_id}}/thoi", ADMIN_OBJECT),
    Row("administration.end_role", "POST", f"{USER}/vai-tro/{{grant_id}}/thoi", ADMIN_OBJECT),
    Row("administration.units", "GET", "/quan-tri/don-vi", ADMIN_AREA),
    Row("administration.new_unit", "GET", "/quan-tri/don-vi/moi", ADMIN_AREA),
    Row("administration.new_unit", "POST", "/quan-tri/don-vi/moi", ADMIN_AREA),
    Row("administration.unit", "GET", "/quan-tri/don-vi/{unit_id}", ADMIN_OBJECT),
    Row("administration.unit", "POST", "/quan-tri/don-vi/{unit_id}", ADMIN_OBJECT),
    Row("administration.hamlets", "GET", "/quan-tri/don-vi/{unit_id}/ap-khom", ADMIN_OBJECT),
    Row("administration.hamlets", "POST", "/quan-tri/don-vi/{unit_id}/ap-khom", ADMIN_OBJECT),
    Row("administration.end_unit", "GET", "/quan-tri/don-vi/{unit_id}/ket-thuc", ADMIN_OBJECT),
    Row("administration.end_unit", "POST", "/quan-tri/don-vi/{unit_id}/ket-thuc", ADMIN_OBJECT),
    # whoever sees cases or figures may read the rules; an administrator writes them
    Row("administration.regulations", "GET", "/quan-tri/quy-dinh?ngay=2026-11-24", "o o o o o d s"),
    Row("administration.shorten_limit", "GET", f"{RULES}/rut-ngan", ADMIN_RULE),
    Row("administration.shorten_limit", "POST", f"{RULES}/rut-ngan", ADMIN_RULE),
    Row("administration.correct_rule", "GET", f"{RULES}/sua/late_fee", ADMIN_RULE),
    Row("administration.correct_rule", "POST", f"{RULES}/sua/late_fee", ADMIN_RULE),
    Row("administration.own_rule", "GET", OWN_RULE, ADMIN_OBJECT),
    Row("administration.own_rule", "POST", OWN_RULE, ADMIN_OBJECT),
    Row("administration.successions", "GET", "/quan-tri/sap-nhap", ADMIN_AREA),
    Row("administration.succession_plan", "GET", MERGER, ADMIN_OBJECT),
    Row("administration.hand_over", "POST", MERGER, ADMIN_OBJECT),
    Row("administration.calendar", "GET", "/quan-tri/lich-nghi", ADMIN_AREA),
    Row("administration.confirm_year", "POST", "/quan-tri/lich-nghi/xac-nhan", ADMIN_AREA),
    Row("administration.calendar_day", "GET", "/quan-tri/lich-nghi/ngay", ADMIN_AREA),
    Row("administration.calendar_day", "POST", "/quan-tri/lich-nghi/ngay", ADMIN_AREA),
    Row("administration.calendar_moves", "GET", "/quan-tri/lich-nghi/doi-han", ADMIN_AREA),
    Row("administration.calendar_moves", "POST", "/quan-tri/lich-nghi/doi-han", ADMIN_AREA),
    Row("administration.notice_rules", "GET", "/quan-tri/nhac-han", ADMIN_AREA),
    Row("administration.notice_rules", "POST", "/quan-tri/nhac-han", ADMIN_AREA),
    Row("administration.parked_jobs", "GET", "/quan-tri/viec", ADMIN_AREA),
    # the auditor's, who is nobody of these
    Row("administration.trail", "GET", "/quan-tri/nhat-ky", AUDITOR_AREA),
    Row("administration.verify_trail", "POST", "/quan-tri/nhat-ky/kiem-tra", AUDITOR_AREA),
    Row("administration.recovery", "GET", f"{USER}/khoi-phuc", ADMIN_OBJECT),
    Row("administration.ask_recovery", "POST", f"{USER}/khoi-phuc", ADMIN_OBJECT),
    # nothing was asked for: there is nothing to confirm
    Row("administration.confirm_recovery", "POST", f"{USER}/khoi-phuc/xac-nhan", "hh hh hh hh hh hh ss"),
    Row("administration.alarms", "GET", "/quan-tri/canh-bao", ADMIN_AREA),
    # work of the machine belongs to no unit
    Row("administration.retry_job", "POST", "/quan-tri/viec/{job_id}/chay-lai", "h h h h o h s"),
)
