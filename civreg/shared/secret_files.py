"""Bí mật để trong tệp: a variable that carries a password, or the file that `NAME_FILE` names in its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from civreg.shared.errors import Refusal


def secret_of(environment: Mapping[str, str], variable: str) -> str:
    """Return the value of `variable`, else the text of the file that `<variable>_FILE` names, else nothing.

    Containers hand secrets over as files, since everybody who may look at a container reads its variables.

    Raises:
        Refusal: naming the variable whose file cannot be read.
    """
    given, path = environment.get(variable, ""), environment.get(f"{variable}_FILE", "")
    if given or not path:
        return given
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as reason:
        raise Refusal(
            f"Không đọc được tệp ghi ở {variable}_FILE. Hãy kiểm tra đường dẫn và quyền đọc."
        ) from reason
