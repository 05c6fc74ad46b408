"""A drawing as a picture, for programs that read no SVG."""

from pathlib import Path

import typst
from django.conf import settings

#: The drawing goes in as data. A unit of the drawing is a point of the page.
PAGE = b"""#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.drawing), format: "svg", width: float(sys.inputs.width) * 1pt)"""
POINTS_PER_INCH = 72


def svg_to_png(drawing: str, width: int, scale: int = 2) -> bytes:
    """`width` units of the drawing become `scale` times as many pixels, with the fonts of the portal alone."""
    return typst.compile(
        PAGE,
        format="png",
        ppi=POINTS_PER_INCH * scale,
        font_paths=[Path(settings.STATICFILES_DIRS[0]) / "fonts"],
        ignore_system_fonts=True,
        sys_inputs={"drawing": drawing, "width": str(width)},
    )
