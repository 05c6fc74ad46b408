"""Tags of the portal's own pages."""

import re
from html import escape, unescape

from django import template
from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.templatetags.static import static
from django.urls import is_valid_path
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info

from hled_portal.i18n.bilingual import active_language
from hled_portal.search.text_analysis import Excerpt
from hled_portal.web import linked_data, navigation
from hled_portal.web.absolute_urls import absolute, in_any_language, in_other_language
from hled_portal.web.context_processors import HTML_LANGUAGES

register = template.Library()
_EMPTY_HEADING = re.compile(r"<th([^>]*)>\s*</th>")


@register.simple_tag(takes_context=True)
def language_links(context) -> list[dict]:
    """Each language with its own name, this page's address in it, and the same without query for search engines."""
    request = context["request"]
    exists = is_valid_path(request.path)
    links = []
    for code, _name in settings.LANGUAGES:
        links.append(
            {
                "code": code,
                "html_lang": HTML_LANGUAGES[code],
                "name": get_language_info(code)["name_local"].capitalize(),
                "href": in_other_language(request.get_full_path(), code),
                "absolute": absolute(request, in_other_language(request.path, code)),
                "exists": exists,
                "current": context["html_lang"] == HTML_LANGUAGES[code],
            }
        )
    return links


@register.simple_tag(takes_context=True)
def page_address(context) -> dict:
    """The whole address of this page without its query, and the one that leads to the reader's own language."""
    request = context["request"]
    return {
        "canonical": absolute(request, request.path),
        "default": absolute(request, in_any_language(request.path)),
    }


@register.filter
def marked(excerpt: Excerpt) -> SafeString:
    """A text that was found, with its marks, and its language where that is not the page's."""
    parts = (f"<mark>{escape(part.text)}</mark>" if part.marked else escape(part.text) for part in excerpt.parts)
    html = SafeString("".join(parts))
    if excerpt.language in ("", active_language()):
        return html
    return format_html('<span lang="{}">{}</span>', HTML_LANGUAGES[excerpt.language], html)


@register.simple_tag(takes_context=True)
def social_card(context) -> str:
    return absolute(context["request"], static(f"card-{get_language() or settings.LANGUAGE_CODE}.png"))


@register.simple_tag(takes_context=True)
def linked_data_script(context, kind: str) -> str:
    """The site or its data set in the words of schema.org."""
    return linked_data.script(context["request"], kind)


@register.simple_tag(takes_context=True)
def menu(context) -> list[list[navigation.Link]]:
    return navigation.menu(context["request"].path, context["as_of_query"])


@register.simple_tag(takes_context=True)
def foot(context) -> list[navigation.Link]:
    return navigation.foot(context["request"].path, context["as_of_query"])


@register.simple_tag
def optional_url(name: str) -> str:
    """The address of a page that may not be built; empty where it is not."""
    return navigation.named_url(name)


@register.simple_tag(takes_context=True)
def waiting_messages(context):
    """Messages for this reader. Looking for them in a session would make each page depend on its cookie."""
    request = context["request"]
    storage = getattr(request, "_messages", None)
    return storage if storage is not None and (request.COOKIES or storage._queued_messages) else []


@register.tag
def capture(parser, token):
    """`{% capture as name %}…{% endcapture %}`: keep what stands inside, as plain text, under a name."""
    _tag, _as, name = token.split_contents()
    inside = parser.parse(["endcapture"])
    parser.delete_first_token()
    return Captured(inside, name)


class Captured(template.Node):
    def __init__(self, nodelist, name: str):
        self.nodelist, self.name = nodelist, name

    def render(self, context) -> str:
        """Escaped again wherever the name is shown."""
        context[self.name] = " ".join(unescape(strip_tags(self.nodelist.render(context))).split())
        return ""


@register.simple_tag(takes_context=True)
def rendered(context, name: str) -> SafeString:
    """A template, for what stands on a page twice."""
    return context.template.engine.get_template(name).render(context)


@register.simple_tag
def choice_inputs(field) -> SafeString:
    """The choices of a field of a facet panel with their counts. Made here: a panel has a hundred and more."""
    begins = f'<label><input type="{"radio" if field.single else "checkbox"}" name="{escape(field.name)}"'
    counts = (choice.count if choice.count < 1000 else intcomma(choice.count) for choice in field.choices)
    inputs = (
        f'{begins} value="{escape(choice.value)}"{" checked" * choice.selected}> '
        f"{escape(choice.label)} ({count})</label>"
        for choice, count in zip(field.choices, counts, strict=True)
    )
    return SafeString("\n".join(inputs))


@register.simple_block_tag(end_name="end_no_empty_headings")
def no_empty_headings(content: str) -> SafeString:
    """Django's tables of inlines, whose first and last column may have no name: a cell without words is no heading."""
    return SafeString(_EMPTY_HEADING.sub(r"<td\1></td>", content))
