"""Giấy tờ được chụp: which papers may be photographed, by whom, and how many.

A family is asked for a photograph of the birth or death paper only. Nobody photographs an identity card: the officer
looks at it at the door (the law asks for no copy, and a picture of it is sensitive under NĐ 356/2025 art 4).
"""

from __future__ import annotations

from collections.abc import Sequence

from civreg.procedures.rules import Paper

OTHER_PAPER = "other_paper"
OTHER_PAPER_TITLE = "Giấy tờ khác (giấy cam đoan, văn bản ủy quyền, giấy của cơ quan khác)"
FAMILY_PAPERS = {"birth_paper": "giấy chứng sinh", "death_paper": "giấy báo tử"}
"""Code → spoken name of the only papers whose photograph is taken on the web without an officer."""
NEVER_PHOTOGRAPHED = frozenset({"identity_paper"})

MOST_OF_FAMILY = 6
"""Photographs a family may leave with one case."""
MOST_OF_CASE = 40
"""Photographs of one case, so that its PDF stays printable."""


def papers_for_staff(papers: Sequence[Paper]) -> tuple[tuple[str, str], ...]:
    """Return code and title of what the officer may photograph: the papers of the procedure, then any other."""
    named = tuple((paper.code, paper.title) for paper in papers if paper.code not in NEVER_PHOTOGRAPHED)
    return (*named, (OTHER_PAPER, OTHER_PAPER_TITLE))


def papers_for_family(
    papers: Sequence[Paper], *, commune_issues_death_paper: bool
) -> tuple[tuple[str, str], ...]:
    """Return code and title of what a family may photograph; none when there is nothing to send.

    At a death at home the commune issues the death paper itself and never asks the family for it.
    """
    return tuple(
        (paper.code, paper.title)
        for paper in papers
        if paper.code in FAMILY_PAPERS and not (paper.code == "death_paper" and commune_issues_death_paper)
    )


def spoken(papers: Sequence[tuple[str, str]]) -> str:
    """Return the papers a family may photograph as one says them: "giấy chứng sinh"."""
    return " và ".join(FAMILY_PAPERS[code] for code, _ in papers)
