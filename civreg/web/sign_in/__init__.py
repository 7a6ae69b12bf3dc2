"""Đăng nhập, đăng xuất, mật khẩu, mã xác thực and the own account of staff."""

from __future__ import annotations

from civreg.web.sign_in import account, entering, second_factor
from civreg.web.sign_in.area import blueprint

__all__ = ["account", "blueprint", "entering", "second_factor"]
