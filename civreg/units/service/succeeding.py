"""Đơn vị kế tiếp của một danh mục: who follows whom, from the successors file, the codes, and the units below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from civreg.units.rules import KnownUnit, ListedSuccessor, ListedUnit, ListPlan, Problem, same_name


@dataclass(frozen=True, slots=True)
class Link:
    """One old unit and one new unit that follows it; see `UnitSuccessor` for the sources."""

    old: KnownUnit
    new: ListedUnit
    new_id: int
    is_split: bool
    source: str


class _InTree(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def parent_code(self) -> str | None: ...


def links_of(
    plan: ListPlan,
    known: Mapping[str, KnownUnit],
    vanished: Mapping[str, KnownUnit],
    listed: Mapping[str, ListedUnit],
    ids: Mapping[str, int],
    successors: Sequence[ListedSuccessor] | None,
) -> tuple[list[Link], list[Problem]]:
    """Return every succession that a list brings, and the lines of the successors file that fit nothing.

    The file speaks first. A unit at the top (tỉnh) follows from the communes below it: 84 → 86. A code that lives
    on carries its unit further when there is no file, or when the file is silent and the name is still the same:
    codes are re-used, so with a file the code alone proves nothing.
    """
    links: list[Link] = []
    problems: list[Problem] = []
    for one in successors or ():
        old = known.get(one.old_code) or vanished.get(one.old_code)
        new = listed.get(one.new_code)
        if old is None:
            sentence = f"tệp kế tiếp: mã cũ {one.old_code} không có trong danh mục đang dùng."
            problems.append(Problem(one.line, sentence))
        elif new is None:
            sentence = f"tệp kế tiếp: mã mới {one.new_code} không có trong danh mục nạp."
            problems.append(Problem(one.line, sentence))
        elif ids[new.code] != old.id:
            links.append(Link(old, new, ids[new.code], one.is_split, "list"))
    links.extend(_top_links(plan, known, listed, ids, links))
    spoken_for = {link.old.id for link in links}
    links.extend(
        Link(old, new, ids[new.code], False, "same_code")
        for old, new in plan.replaced
        if old.id not in spoken_for and (successors is None or same_name(old.name, new.name))
    )
    return links, problems


def _top(code: str, tree: Mapping[str, _InTree]) -> str:
    parent = tree[code].parent_code
    while parent is not None and parent in tree:
        code, parent = parent, tree[parent].parent_code
    return code


def _top_links(
    plan: ListPlan,
    known: Mapping[str, KnownUnit],
    listed: Mapping[str, ListedUnit],
    ids: Mapping[str, int],
    links: Sequence[Link],
) -> list[Link]:
    closing = {unit.code for unit in plan.ended} | {old.code for old, _ in plan.replaced}
    already = {link.old.code for link in links}
    pairs: dict[str, set[str]] = {}
    for link in links:
        if link.old.code not in known:
            continue
        old_top = _top(link.old.code, known)
        if old_top in closing and old_top not in already:
            pairs.setdefault(old_top, set()).add(_top(link.new.code, listed))
    return [
        Link(known[old_top], listed[new_top], ids[new_top], len(new_tops) > 1, "communes")
        for old_top, new_tops in pairs.items()
        for new_top in sorted(new_tops)
        if ids[new_top] != known[old_top].id
    ]
