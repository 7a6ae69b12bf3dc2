"""Thống kê: what was done, by unit, day, procedure and line.

Every counted step of a case or a letter writes signed facts (+1, or −1 when it is taken back); the daily counts
are their fold, made in the same commit, so that a figure can always be opened to the cases behind it and made
again from the facts. A correction falls on the day of what it corrects. Months and other periods are sums of
days. Letters are counted when they were handed over and never derived from registrations: they are a line of
their own, not a kind of registration. Nothing here holds a name; historical totals of the paper years and the
Ministry's form 13a stand apart.
"""
