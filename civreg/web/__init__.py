"""Trang: the pages of families and staff. A page parses, calls one service in one transaction, renders.

Pages own nothing: a page may show several features, so it stands outside them. Pages never import one another
and never touch tables. Every module that offers pages has a `blueprint`; the factory registers it.
"""
