"""The files of a fact sheet: Word, PDF and Markdown."""

from .draft import FactSheet
from .markdown import to_markdown
from .pdf import PAPERS, to_pdf

FILE_FORMS = ("docx", "pdf", "md")
CONTENT_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "md": "text/markdown; charset=utf-8",
}


def render(sheet: FactSheet, form: str, notice: bool, paper: str) -> bytes:
    """The file in one of `FILE_FORMS`; an unknown `paper` gives Letter."""
    paper = paper if paper in PAPERS else "letter"
    if form == "docx":
        from .word import to_docx

        return to_docx(sheet, notice, paper)
    if form == "pdf":
        return to_pdf(sheet, notice, paper)
    return to_markdown(sheet, notice).encode()
