"""Thư: the letter of congratulation or condolence that a final registration earns, from draft to hand-over.

A case earns at most one letter of a kind, drafted by the machine and held when a person must decide first.
A draft has no number; the head's approval queues the job that renders the final bytes and takes the gapless
number of unit and year in one commit, and from then on words, bytes and number never change: a reprint is the
same file, a cancelled letter stays in the book as void. Every hand it passes through is a row. Names, words and
recipients are sealed. The programme counts letters that were handed over, and nothing else.

What it does not do: decide that a registration is final (cases), book the visit that carries a letter (visits),
draw pages (shared.paper).
"""
