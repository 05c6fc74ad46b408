"""The preview image of shared addresses, drawn when the assets are built."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIZE = WIDTH, HEIGHT = 1200, 630
GROUND, LINE, WORDS, QUIET = "#39215e", "#ffbe2e", "#ffffff", "#ebe3f9"
CARD_TEXTS = {
    "en": ("U.S.-Mexico\nHigh-Level\nEconomic Dialogue", "HLED · DEAN", "Progress of the joint work, by pillar"),
    "es": (
        "Diálogo Económico\nde Alto Nivel\nMéxico-Estados Unidos",
        "DEAN · HLED",
        "Avances del trabajo conjunto, por pilar",
    ),
}


def draw(language: str, bold: Path, regular: Path) -> Image.Image:
    """The card in one language, in the typeface of the files named."""
    name, acronyms, line = CARD_TEXTS[language]
    image = Image.new("RGB", SIZE, GROUND)
    canvas = ImageDraw.Draw(image)
    canvas.rectangle((0, HEIGHT - 16, WIDTH, HEIGHT), fill=LINE)
    _mark(canvas, left=66, top=64, unit=3)
    canvas.text((250, 100), acronyms, font=ImageFont.truetype(bold, 44), fill=LINE)
    canvas.multiline_text((80, 224), name, font=ImageFont.truetype(bold, 76), fill=WORDS, spacing=12)
    canvas.text((80, 522), line, font=ImageFont.truetype(regular, 38), fill=QUIET)
    return image


def _mark(canvas: ImageDraw.ImageDraw, left: int, top: int, unit: int) -> None:
    """Two halves of an arch that meet in one keystone, as on the icon; `unit` pixels for each of its forty-eight."""

    def points(*pairs):
        return [(left + x * unit, top + y * unit) for x, y in pairs]

    canvas.line(points((5, 12), (43, 12)), fill=WORDS, width=4 * unit)
    for start in (180, 287):
        canvas.arc(points((5.5, 19.5), (42.5, 56.5)), start=start, end=start + 73, fill=WORDS, width=5 * unit)
    canvas.polygon(points((24, 16.5), (29.5, 22), (24, 27.5), (18.5, 22)), fill=LINE)
