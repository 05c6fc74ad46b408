"""Word documents (DOCX) that a screen reader can read: headings, tables with a head, the language of each part.

Tables are written as XML at once: cell by cell, the library takes minutes for what 140 texts need.
"""

import re
from collections.abc import Iterable
from io import BytesIO
from xml.sax.saxutils import escape

import docx
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

TAGS = {"en": "en-US", "es": "es-MX"}
#: Width and height in millimetres. Letter is in use in both countries.
PAPERS = {"letter": (215.9, 279.4), "a4": (210, 297)}
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
#: Marks of a difference: colour and line for the eye; `marked` says them in words.
_LOOKS = {
    "": "",
    "ins": '<w:b/><w:u w:val="single"/>',
    "del": '<w:strike/><w:color w:val="8B0A03"/>',
    "head": "<w:b/>",
    "context": "<w:i/>",
}

TextRun = tuple[str, str]  # Mark and text.


class Document:
    """One document in one language; what is in the other says so itself."""

    def __init__(self, title: str, language: str, notice: str, paper: str = "letter"):
        """`notice` stands at the head of each page; `paper` is a key of `PAPERS`."""
        self.language = language
        self.file = docx.Document()
        self.file.core_properties.title = clean(title)[:255]
        self.file.core_properties.author = self.file.core_properties.last_modified_by = "HLED Portal"
        self.file.core_properties.comments = clean(notice)[:255]
        self.file.core_properties.language = TAGS[language]
        self._set_language(TAGS[language])
        self._set_lists()
        self._set_page(notice, PAPERS[paper])
        self.file.add_heading(clean(title), 0)
        self.add = self.file.element.body.insert_element_before

    def _set_language(self, tag: str) -> None:
        defaults = self.file.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
        for old in defaults.findall(qn("w:lang")):
            defaults.remove(old)
        lang = OxmlElement("w:lang")
        for name in ("val", "eastAsia", "bidi"):
            lang.set(qn(f"w:{name}"), tag)
        defaults.append(lang)
        self.file.styles["Normal"].font.name = "Calibri"
        self.file.styles["Normal"].font.size = Pt(10)

    def _set_lists(self) -> None:
        """Space between all points: the library's own styles leave none between neighbours of one level."""
        for name in ("List Bullet", "List Bullet 2", "List Bullet 3"):
            style = self.file.styles[name]
            style.paragraph_format.space_after = Pt(4)
            for joined in style.element.pPr.findall(qn("w:contextualSpacing")):
                style.element.pPr.remove(joined)

    def _set_page(self, notice: str, paper: tuple[float, float]) -> None:
        section = self.file.sections[0]
        section.page_width, section.page_height = map(Mm, paper)
        for edge in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
            setattr(section, edge, Mm(20))
        head = section.header.paragraphs[0]
        notice_run = head.add_run(clean(notice))
        notice_run.bold, notice_run.font.size = True, Pt(8)
        section.header_distance = Mm(10)
        head.paragraph_format.space_after = Pt(12)
        foot = section.footer.paragraphs[0]
        foot.alignment = 1
        field = parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>')
        foot._p.append(field)

    def heading(self, text: str, level: int) -> None:
        self.runs([("", text)], f"Heading{level}")

    def paragraph(self, text: str, mark: str = "") -> None:
        self.runs([(mark, text)])

    def bullet(self, text: str | list[TextRun], level: int = 1) -> None:
        """A point of a list, on one of three levels."""
        pieces = [("", text)] if isinstance(text, str) else text
        self.runs(pieces, "ListBullet" if level == 1 else f"ListBullet{min(level, 3)}")

    def runs(self, pieces: list[TextRun], style: str = "") -> None:
        """A paragraph of pieces with marks of their own; `style` is a name of Word."""
        self.add(parse_xml(_paragraph(pieces, style, "", nsdecls("w"))), "w:sectPr")

    def table(self, head: list[str], rows: Iterable[list[list[list[TextRun]]]], languages: list[str]) -> None:
        """A table with a head that is repeated on each page. A cell is a list of paragraphs, each a list of pieces.

        `languages`: of each column.
        """
        widths = [1900, *([7700 // (len(head) - 1)] * (len(head) - 1))]
        tags = ["" if language == self.language else TAGS[language] for language in languages]
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        titles = [[[("head", title)]] for title in head]
        top = _row(titles, widths, tags, "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>")
        body = "".join(_row(row, widths, tags) for row in rows)
        xml = (
            f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="0" w:type="auto"/>'
            '<w:tblLook w:val="0620" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="1" '
            f'w:noVBand="1"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{top}{body}</w:tbl>'
        )
        self.add(parse_xml(xml), "w:sectPr")
        self.runs([])

    def bytes(self) -> bytes:
        stream = BytesIO()
        self.file.save(stream)
        return stream.getvalue()


def clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return _NOT_IN_XML.sub("", text)


def _row(cells: list, widths: list[int], tags: list[str], properties: str = "") -> str:
    inside = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
        f"{''.join(_paragraph(pieces, '', tag) for pieces in cell) or '<w:p/>'}</w:tc>"
        for cell, width, tag in zip(cells, widths, tags, strict=True)
    )
    return f"<w:tr>{properties}{inside}</w:tr>"


def _paragraph(pieces: list[TextRun], style: str = "", tag: str = "", namespaces: str = "") -> str:
    looks = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p {namespaces}>{looks}{''.join(_run(mark, text, tag) for mark, text in pieces)}</w:p>"


def _run(mark: str, text: str, tag: str) -> str:
    looks = _LOOKS[mark] + (f'<w:lang w:val="{tag}"/>' if tag else "")
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in clean(text).split("\n"))
    return f"<w:r>{f'<w:rPr>{looks}</w:rPr>' if looks else ''}{lines}</w:r>"
