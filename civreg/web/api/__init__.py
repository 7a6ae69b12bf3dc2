"""Giao diện cho máy (/api/v1): what is public knowledge of the law, as data; nothing of any family.

Rooms: `blueprint` (the addresses), `description` (what OpenAPI says of them).
"""

from civreg.web.api.blueprint import blueprint

__all__ = ["blueprint"]
