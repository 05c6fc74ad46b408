"""Templates of pages without their indentation, which was a tenth of the HTML of a list."""

import re

from django.template.loaders import filesystem

#: What is shown as it is written, and line breaks with what follows.
_INDENTATION = re.compile(r"<(pre|textarea)\b.*?</\1>|\n\s+", re.DOTALL)


class Loader(filesystem.Loader):
    def get_contents(self, origin) -> str:
        contents = super().get_contents(origin)
        if not origin.name.endswith(".html"):
            return contents
        return _INDENTATION.sub(lambda found: found[0] if found[1] else "\n", contents)
