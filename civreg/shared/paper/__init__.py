"""Trang giấy: the page kit of the office, after Nghị định 30/2020/NĐ-CP (phụ lục I).

It knows sheets, faces, margins, headings, signature blocks and ornaments, and turns frozen descriptions of a
sheet (`letter.LetterSheet`, `slip.AppointmentSlip`, `slip.Receipt`, `listing.HandOverList`) into the bytes of
a PDF. It is the only user of ReportLab.

Invariants: the same description gives the same bytes; all text is NFC and every character is in the face
before anything is drawn (a missing one is a refusal that names it, never a gap); text is never markup; the
words read back from the PDF are the words that went in; faces are embedded.

It decides nothing: which words, whose name and whether a letter may be sent come from the features.
"""
