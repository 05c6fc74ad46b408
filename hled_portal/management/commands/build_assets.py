"""Style sheets, fonts, icons, social cards and the base map, from the sources and the packages of package-lock.json."""

import json
import re
import shutil
import subprocess
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from fontTools import subset

from hled_portal.maps import base_map
from hled_portal.web import social_card

STYLES = settings.BASE_DIR / "hled_portal" / "styles"
#: Of the public pages, and of the staff site over Django's own.
SHEETS = ("portal", "desk")
PACKAGES = settings.BASE_DIR / "node_modules" / "@uswds" / "uswds"
FONTS = PACKAGES / "packages" / "uswds-core" / "src" / "assets" / "fonts" / "public-sans"
COUNTRIES = settings.BASE_DIR / "node_modules" / "world-atlas" / "countries-10m.json"
#: For charts as pictures (`hled_portal/files/png.py`), which are drawn from fonts that are not compressed.
PICTURE_FONTS = ("PublicSans-Bold.ttf", "PublicSans-Regular.ttf")
#: What English and Spanish are written with: Latin-1, dashes, quotation marks, euro, arrows, minus.
CHARACTERS = [*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x2010, 0x2040), 0x20AC, *range(0x2190, 0x2194), 0x2212]
ADDRESS = re.compile(r"""url\(["']?(?P<path>[^"')]+)["']?\)""")


class Command(BaseCommand):
    help = "Build style sheets, fonts, icons, social cards and the base map into var/assets (not committed)."
    requires_system_checks = []

    def handle(self, **options):
        target = Path(settings.STATICFILES_DIRS[0])
        sheets = {name: _compile(name) for name in SHEETS}
        land = base_map.build(json.loads(COUNTRIES.read_text(encoding="utf-8")))
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for name, css in sheets.items():
            (target / f"{name}.css").write_text(css, encoding="utf-8")
        shutil.copy(STYLES / "icon.svg", target)
        for language in social_card.CARD_TEXTS:
            drawn = social_card.draw(language, FONTS / "PublicSans-Bold.ttf", FONTS / "PublicSans-Regular.ttf")
            drawn.save(target / f"card-{language}.png", optimize=True)
        (target / base_map.FILE).write_text(json.dumps(land), encoding="utf-8")
        for path in sorted({found["path"] for found in ADDRESS.finditer("".join(sheets.values()))}):
            _copy(path, target)
        for name in PICTURE_FONTS:
            _subset(FONTS / name, target / "fonts" / name)


def _compile(name: str) -> str:
    """Return a style sheet without the empty addresses that manifest storage would look for."""
    sass = settings.BASE_DIR / "node_modules" / ".bin" / "sass"
    command = [sass, "--style=compressed", "--no-source-map", "--quiet", f"--load-path={PACKAGES / 'packages'}"]
    done = subprocess.run([*command, STYLES / f"{name}.scss"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(done.stderr)
    return re.sub(r"""url\((""|'')?\)""", "none", done.stdout)


def _copy(path: str, target: Path) -> None:
    if path.startswith("data:"):
        raise CommandError(f"The style sheet contains a URL that the content security policy blocks: {path[:60]}")
    folder, _, rest = path.partition("/")
    source = {"fonts": FONTS, "uswds": PACKAGES / "dist" / "img"}[folder] / rest
    (target / path).parent.mkdir(parents=True, exist_ok=True)
    if source.suffix == ".woff2":
        _subset(source, target / path)
    else:
        shutil.copy(source, target / path)


def _subset(source: Path, target: Path) -> None:
    """The font with the characters of both languages alone; another one on a page falls back to the reader's font."""
    flavor = "woff2" if source.suffix == ".woff2" else None
    options = subset.Options(flavor=flavor, layout_features=["kern", "liga", "tnum"], ignore_missing_unicodes=True)
    font = subset.load_font(source, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=CHARACTERS)
    subsetter.subset(font)
    subset.save_font(font, target, options)
