"""`python -m bench._letters_memory ours|floor`: make one PDF of a thousand letters, print the most memory in MiB.

Ours draws each letter as a file of its own and merges them, as a print run does with what it reads from the database;
the floor draws them all on one stock canvas. Both take the letters one at a time; both have the same modules loaded.
The floor's calls are recorded just before they are drawn again, so that it does not pay for keeping them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.letters_render import bare, recorded, register_stock_fonts, sheets
from civreg.shared.paper.letter import render_letter
from civreg.shared.paper.merging import merge

LETTERS = 1000


def main() -> None:
    register_stock_fonts()
    made = sheets(LETTERS)
    if sys.argv[1] == "ours":
        pdf = merge(render_letter(sheet) for sheet in made)
    else:
        pdf = bare(recorded(sheet) for sheet in made)
    assert pdf.startswith(b"%PDF")
    (peak,) = (
        line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line
    )
    print(int(peak) / 1024)


if __name__ == "__main__":
    main()
