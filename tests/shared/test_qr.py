"""The QR codes of pages and papers are read by a telephone's own means."""

import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from civreg.shared.qr import dark_runs, qr_svg

ADDRESSES = (
    "https://civreg.example.vn/tra-cuu#ma=TC-7K4M-2QXD",
    "otpauth://totp/civreg:lan?secret=JBSWY3DPEHPK3PXP&issuer=civreg",
    "https://xã-trà-cú.example.vn/xác-nhận-thư/" + "a" * 200,
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_svg_of_a_page_is_read_back(address: str) -> None:
    svg = qr_svg(address, "Mã <để> quét", scale=3)
    assert "<title>Mã &lt;để&gt; quét</title>" in svg
    whole = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])  # type: ignore[index]
    assert f'width="{whole * 3}"' in svg
    picture = Image.new("L", (whole * 3, whole * 3), 255)
    draw = ImageDraw.Draw(picture)
    for column, row, count in re.findall(r"M(\d+) (\d+)h(\d+)v1", svg):
        left, top = int(column) * 3, int(row) * 3
        draw.rectangle((left, top, left + int(count) * 3 - 1, top + 2), fill=0)
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [address]


def test_a_code_bears_a_soiled_corner() -> None:
    """Level M: a thumb on a tenth of the squares does not hide the address."""
    side, runs = dark_runs(ADDRESSES[0])
    picture = Image.new("L", ((side + 8) * 4,) * 2, 255)
    draw = ImageDraw.Draw(picture)
    for column, row, count in runs:
        left, top = (column + 4) * 4, (row + 4) * 4
        draw.rectangle((left, top, left + count * 4 - 1, top + 3), fill=0)
    size = round(side * 0.25)
    corner = (side + 4) * 4
    draw.rectangle((corner - size * 4, corner - size * 4, corner, corner), fill=0)
    assert zxingcpp.read_barcode(picture).text == ADDRESSES[0]  # type: ignore[union-attr]
