"""Giấy và tệp của bàn thư: the letter book as paper and as a workbook."""

from civreg.letters.export.book import book_pdf, book_xlsx

__all__ = ["book_pdf", "book_xlsx"]
