"""Templates of pages without their indentation and the lines of their tags, a tenth of the HTML of a list."""

import re

from django.template.loaders import filesystem

#: What is shown as it is written, and line breaks with what follows.
_INDENTATION = re.compile(r"<(pre|textarea)\b.*?</\1>|\n\s+", re.DOTALL)
#: The same, and lines of nothing but tags that show nothing themselves.
_TAG_LINES = re.compile(
    r"<(pre|textarea)\b.*?</\1>"
    r"|^((?:\{% (?:(?:load|if|elif|for|with) [^%\n]*|else|empty|endif|endfor|endwith|[a-z_]+ [^%\n]* as \w+) %\})+)\n",
    re.DOTALL | re.MULTILINE,
)


class Loader(filesystem.Loader):
    def get_contents(self, origin) -> str:
        contents = super().get_contents(origin)
        return shorten(contents) if origin.name.endswith(".html") else contents


def shorten(template: str) -> str:
    template = _INDENTATION.sub(lambda match: match[0] if match[1] else "\n", template)
    return _TAG_LINES.sub(lambda match: match[0] if match[1] else match[2], template)
