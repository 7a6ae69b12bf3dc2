"""Thủ tục: what an office may do for a family, as data with dates.

A procedure is one TOML file of versions; each version says for which days it holds, who may ask, what to have
ready, the parts with agency and limit, and where every rule is written and how sure that is. A case keeps the
version of its reception day for ever. Versions of one procedure never overlap. What an office sets for itself
(a shorter limit) is a row beside the catalogue. This feature counts no days (deadlines) and moves no case (cases).
"""
