"""Files that are small when they are sent and large, deep or slow when they are read. Run as a program, it reads each.

It prints what came of each file, its seconds of the processor and its peak of memory, as one line of JSON.
"""

import io
import json
import resource
import struct
import time
import zipfile
import zlib

MEGABYTE = 1024 * 1024
ODT = b"application/vnd.oasis.opendocument.text"
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
WORD = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
FULL = 10 * MEGABYTE - 1000


def packed(parts: dict[str, bytes], method=zipfile.ZIP_DEFLATED, level=None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method, compresslevel=level) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return buffer.getvalue()


def docx(document: bytes) -> bytes:
    return packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": document})


def odt(content: bytes) -> bytes:
    return packed({"mimetype": ODT, "content.xml": content})


def xlsx(sheet: bytes, strings: bytes = b"", rows: int = 2) -> bytes:
    from openpyxl import Workbook

    book, buffer = Workbook(), io.BytesIO()
    for number in range(rows):
        book.active.append([f"a{number}", number])
    book.save(buffer)
    with zipfile.ZipFile(buffer) as package:
        contents = {name: package.read(name) for name in package.namelist()}
    contents |= {"xl/worksheets/sheet1.xml": sheet} if sheet else {}
    return packed(contents | ({"xl/sharedStrings.xml": strings} if strings else {}))


def sheet(rows: bytes) -> bytes:
    return b"<worksheet %s><sheetData>%s</sheetData></worksheet>" % (MAIN, rows)


def pdf(*objects: bytes) -> bytes:
    return b"%PDF-1.7\n" + b"\n".join(objects) + b"\n%%EOF\n"


def stream(content: bytes, head: bytes = b"/Type /ObjStm") -> bytes:
    return b"1 0 obj << %s /Filter /FlateDecode >>\nstream\n%s\nendstream" % (head, zlib.compress(content, 9))


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 50 * MEGABYTE, 9))
    data = chunk(b"IDAT", zlib.compress(b"\0" * min(width * height, 100 * MEGABYTE), 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + text + data + chunk(b"IEND", b"")


def entities(kind: bytes) -> bytes:
    lines = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    return b'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">%s]><%s>&a9;</%s>' % (lines, kind, kind)


#: Those that took minutes, and more than a gigabyte, when no size was looked at before reading.
SLOW = {
    "a mark of 199 MB": lambda: packed({"mimetype": ODT + b" " * 199 * MEGABYTE, "content.xml": b"<x/>"}, level=1),
    "44 kB that took 32 seconds": lambda: xlsx(sheet(b"<row>%s</row>" % (b"<c/>" * 7_000_000))),
    "a cell far away": lambda: xlsx(sheet(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
}


def letters() -> dict[str, bytes]:
    """As attachments of a submission."""
    deep, wide = b"<a>" * 3_000_000, b" ".join(b'a%d="x"' % n for n in range(500_000))
    return {
        "a mark of 199 MB": SLOW["a mark of 199 MB"](),
        "a Word document of 190 MB": docx(b"<w:document %s>%s" % (WORD, b"<w:p/>" * (31 * MEGABYTE))),
        "a Word document of deep elements": docx(deep),
        "an element of many attributes": docx(b"<w:document %s/>" % wide),
        "an attribute of 150 MB": docx(b'<w:document a="%s"/>' % (b"x" * 150 * MEGABYTE)),
        "codes of fields of 150 MB": docx(
            b"<w:document %s><w:instrText>%s</w:instrText></w:document>" % (WORD, b"x" * 150 * MEGABYTE)
        ),
        "many codes of fields": docx(
            b"<w:document %s>%s</w:document>" % (WORD, b"<w:instrText>x</w:instrText>" * 5_000_000)
        ),
        "entities in a Word document": docx(entities(b"document")),
        "entities in an ODT": odt(entities(b"content")),
        "an ODT of 190 MB": odt(b"<x>" + b"<y a='b'/>" * (19 * MEGABYTE)),
        "many members": packed({f"{n}": b"" for n in range(4_900)} | {"mimetype": ODT, "content.xml": b"<x/>"}),
        "a PDF whose objects unpack to 250 MB": pdf(stream(b"1 0 " + b" " * 250 * MEGABYTE)),
        "a PDF of many streams": pdf(*[stream(b"1 0 " + b" " * 4000)] * 49_000)[:FULL] + b"\n%%EOF\n",
        "a PDF of many large streams": pdf(*[stream(b"1 0 " + b" " * 3 * MEGABYTE)] * 60),
        "a PDF of names": pdf(b"/" * FULL),
        "a PDF of escaped names": pdf(b"#41" * (FULL // 3)),
        "a PDF of beginnings": pdf(b"stream\n" * (FULL // 7)),
        "a picture of 10,000 megapixels": png(100_000, 100_000),
        "a picture with a text of 50 MB": png(1000, 1000),
        "a text of 10 MB": ("ñ " * (FULL // 3)).encode(),
        "a text of signs that are not seen": ("\u200b" * (FULL // 3)).encode(),
    }


def tables() -> dict[str, bytes]:
    """As imports of staff."""
    cells = b"".join(b'<c r="A%d" t="s"><v>0</v></c>' % n for n in range(1))
    return {
        **{name: SLOW[name]() for name in ("44 kB that took 32 seconds", "a cell far away")},
        "rows of a workbook": xlsx(sheet(b"<row/>" * 2_900_000)),
        "cells of one text of 32,000 letters": xlsx(
            sheet(b"".join(b'<row><c t="s"><v>0</v></c></row>' for _n in range(19_000))),
            b"<sst %s><si><t>%s</t></si></sst>" % (MAIN, b"x" * 32_000),
        ),
        "a shared text of 140 MB": xlsx(
            sheet(b"<row>%s</row>" % cells), b"<sst %s><si><t>%s</t></si></sst>" % (MAIN, b"x" * 140 * MEGABYTE)
        ),
        "many shared texts": xlsx(sheet(b"<row>%s</row>" % cells), b"<sst %s>%s</sst>" % (MAIN, b"<si/>" * 600_000)),
        "a number of many digits": xlsx(sheet(b"<row><c><v>%s</v></c></row>" % (b"9" * 9 * MEGABYTE))),
        "entities in a workbook": xlsx(entities(b"worksheet")),
        "a workbook of deep elements": xlsx(b"<worksheet %s>%s" % (MAIN, b"<a>" * 3_000_000)),
        "CSV of quotation marks": b'a,b\n"' + b'""' * (FULL // 2),
        "CSV of commas": b"a,b\n" + b"," * FULL,
        "CSV of lines": b"a\n" + b"\n" * FULL,
        "CSV of one cell": b"a\n" + b"x" * FULL,
        "JSON that is deep": b"[" * FULL,
        "JSON of a large number": b'[{"a": %s}]' % (b"9" * FULL),
        "JSON of an exponent": b'[{"a": 1e999999999}]',
        "JSON of rows": b"[" + b'{"a":1},' * (FULL // 8) + b'{"a":1}]',
        "JSON of names": b"[{" + b",".join(b'"%d":1' % n for n in range(900_000)) + b"}]",
    }


def main() -> None:
    import django

    django.setup()
    from hled_portal.files.spreadsheet_reader import UnreadableSheet, read_table
    from stakeholders.letters.file_kinds import Unfit, detect_kind

    detect_kind(docx(b"<w:document/>")), read_table(b"a\n1\n"), read_table(xlsx(b""))  # What is loaded once.
    for read, files in ((detect_kind, letters), (read_table, tables)):
        for name, data in files().items():
            assert len(data) <= 10 * MEGABYTE, name
            with open("/proc/self/clear_refs", "w") as peak:
                peak.write("5")
            before, began = _memory("VmRSS"), time.process_time()
            try:
                outcome = f"read: {read(data)!r}"[:40]
            except (Unfit, UnreadableSheet) as error:
                outcome = "refused"
                del error
            except BaseException as error:
                outcome = type(error).__name__
            seconds, used = time.process_time() - began, _memory("VmHWM") - before
            print(
                json.dumps([read.__name__, name, len(data), outcome, round(seconds, 2), used // MEGABYTE]), flush=True
            )


def _memory(name: str) -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(f"{name}:"))


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
