"""The references: the same pages as a team writes them in a day with plain Django, on the working tables.

Lists with a Paginator and a filter form, `select_related`, plain templates; no versions, days or second language.
"""

from django import forms
from django.core.mail import EmailMessage
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template import engines
from django.urls import path
from django.utils import timezone
from django.utils.crypto import get_random_string
from import_export import fields, resources, widgets

from hled_portal.models import Mail, PublicVersion
from hled_portal.urls import urlpatterns as portal_addresses
from initiatives.models import Fact, Initiative, Pillar
from initiatives.vocabulary.choices import Stage
from stakeholders.models import Letter, Move, Point


def use_stock_addresses(get_response):
    def middleware(request):
        request.urlconf = __name__
        return get_response(request)

    return middleware


MIDDLEWARE = [
    f"{__name__}.use_stock_addresses",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
LAYOUT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="stylesheet" href="/static/site.css"></head><body><header><a href="/">Home</a>
<nav><ul><li><a href="/initiatives/">Initiatives</a></li><li><a href="/timeline/">Timeline</a></li>
<li><a href="/search/">Search</a></li></ul></nav></header><main><h1>{title}</h1>{body}</main></body></html>"""
FACT_HTML = "{{ fact.get_action_display }} {{ fact.object_en }} ({{ fact.date_edtf }}, {{ fact.get_modality_display }})"
ROW_HTML = """<li><h2><a href="/initiatives/{{ row.key }}/">{{ row.title_en }}</a></h2>
<p>{{ row.get_stage_display }}, {{ row.get_kind_display }}</p><p>{{ row.pillar }}</p><p>{{ row.summary_en }}</p></li>"""
PAGE_LINKS = """{% if page.has_previous %}<a href="?page={{ page.previous_page_number }}">Previous</a>{% endif %}
Page {{ page.number }} of {{ page.paginator.num_pages }}
{% if page.has_next %}<a href="?page={{ page.next_page_number }}">Next</a>{% endif %}"""


def _template(title: str, body: str):
    return engines["django"].from_string(LAYOUT.format(title=title, body=body))


HOME = _template(
    "Dashboard",
    "{% for pillar in pillars %}<section><h2>{{ pillar.name_en }}</h2><ul>{% for stage, count in pillar.stages %}"
    "<li>{{ stage }}: {{ count }}</li>{% endfor %}</ul></section>{% endfor %}"
    f"<ul>{{% for fact in late %}}<li>{FACT_HTML} {{{{ fact.initiative.title_en }}}}</li>{{% endfor %}}</ul>"
    f"<ul>{{% for fact in next %}}<li>{FACT_HTML} {{{{ fact.initiative.title_en }}}}</li>{{% endfor %}}</ul>",
)
LIST = _template(
    "Initiatives",
    f"<form>{{{{ form.as_p }}}}<button>Filter</button></form><p>{{{{ page.paginator.count }}}} initiatives</p>"
    f"<ul>{{% for row in page %}}{ROW_HTML}{{% endfor %}}</ul>{PAGE_LINKS}",
)
DETAIL = _template(
    "{{ row.title_en }}",
    "<p>{{ row.summary_en }}</p><p>{{ row.get_stage_display }}, {{ row.pillar }}</p>"
    "<ul>{% for each in row.participations.all %}<li>{{ each.get_role_display }}: {{ each.organization.key }}</li>"
    "{% endfor %}</ul><ul>{% for place in row.places.all %}<li>{{ place.name_en }}</li>{% endfor %}</ul>"
    f"<ul>{{% for fact in row.facts.all %}}<li>{FACT_HTML}<ul>{{% for each in fact.citations.all %}}"
    "<li>{{ each.source.name_en }}, {{ each.locator }}</li>{% endfor %}</ul></li>{% endfor %}</ul>",
)
TIMELINE = _template(
    "Timeline",
    f"<ul>{{% for row in page %}}<li>{{{{ row.title_en }}}}<ul>{{% for fact in row.facts.all %}}<li>{FACT_HTML}</li>"
    f"{{% endfor %}}</ul></li>{{% endfor %}}</ul>{PAGE_LINKS}",
)


class FilterForm(forms.Form):
    q = forms.CharField(required=False)
    pillar = forms.ModelMultipleChoiceField(Pillar.objects.all(), to_field_name="key", required=False)
    stage = forms.MultipleChoiceField(choices=Stage.choices, required=False)


def home(request):
    counts: dict[int, list] = {}
    for pillar, stage, number in Initiative.objects.order_by().values_list("pillar", "stage").annotate(Count("pk")):
        counts.setdefault(pillar, []).append((Stage(stage).label, number))
    pillars = list(Pillar.objects.all())
    for pillar in pillars:
        pillar.stages = counts.get(pillar.pk, [])
    day = timezone.localdate()
    awaited = Fact.objects.exclude(modality="happened").select_related("initiative").order_by("date_latest", "pk")
    late, following = awaited.filter(date_latest__lt=day)[:10], awaited.filter(date_latest__gte=day)[:5]
    return HttpResponse(HOME.render({"pillars": pillars, "late": late, "next": following}, request))


def initiative_list(request):
    form = FilterForm(request.GET)
    rows = Initiative.objects.select_related("pillar").order_by("pillar", "title_en")
    if form.is_valid():
        chosen = form.cleaned_data
        if chosen["pillar"]:
            rows = rows.filter(pillar__in=chosen["pillar"])
        if chosen["stage"]:
            rows = rows.filter(stage__in=chosen["stage"])
        for word in chosen["q"].split():
            found = Q(title_en__icontains=word) | Q(summary_en__icontains=word) | Q(facts__object_en__icontains=word)
            rows = rows.filter(found).distinct()
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    return HttpResponse(LIST.render({"form": form, "page": page}, request))


def detail(request, key):
    rows = Initiative.objects.select_related("pillar")
    rows = rows.prefetch_related("participations__organization", "places", "facts__citations__source")
    return HttpResponse(DETAIL.render({"row": get_object_or_404(rows, key=key)}, request))


def timeline(request):
    rows = Initiative.objects.order_by("pillar", "title_en").prefetch_related("facts")
    return HttpResponse(TIMELINE.render({"page": Paginator(rows, 60).get_page(request.GET.get("page"))}, request))


class LetterForm(forms.ModelForm):
    text = forms.CharField(widget=forms.Textarea, max_length=20_000)

    class Meta:
        model = Letter
        fields = (
            *("sender_kind", "sender_name", "organization", "represented", "sector", "country", "email", "consent"),
            *("consultation", "language"),
        )


LETTER = _template("Write to us", "<form method=post>{% csrf_token %}{{ form.as_p }}<button>Send</button></form>")
THANKS = "We received your submission {number}. Your receipt: https://testserver/receipt/{secret}/"


def letter(request):
    """A form that stores a letter, its text and first step, and the message of its receipt, in one transaction."""
    form = LetterForm(request.POST or None)
    if not form.is_valid():
        return HttpResponse(LETTER.render({"form": form}, request))
    with transaction.atomic():
        row, secret = form.save(), get_random_string(40)
        Point.objects.create(letter=row, order=1, text=form.cleaned_data["text"])
        Move.objects.create(letter=row, action="received", after="received")
        message = EmailMessage("Your submission", THANKS.format(number=row.number, secret=secret), to=[row.email])
        Mail.objects.create(
            event=f"letter/{row.pk}",
            recipient=row.email,
            recipient_digest=secret,
            language="en",
            subject=message.subject,
            body=message.body,
            message_id=message.message().get("Message-ID", ""),
        )
    return redirect("/letter/")


class InitiativeResource(resources.ModelResource):
    """As generated by django-import-export, for downloads."""

    class Meta:
        model = Initiative


class FactResource(resources.ModelResource):
    """For uploads of facts: rows by the key of their initiative, each checked by `full_clean`."""

    initiative = fields.Field("initiative", "initiative", widgets.ForeignKeyWidget(Initiative, "key"))

    class Meta:
        model = Fact
        import_id_fields = ("initiative", "key")
        fields = (
            *("initiative", "key", "kind", "side", "action", "modality"),
            *("object_en", "object_es", "date_edtf"),
        )
        clean_model_instances = True


def bare(request):
    """What answers at least: the version of the public record, read in one statement."""
    return HttpResponse(PublicVersion.objects.values_list("value", flat=True).first())


urlpatterns = [
    path("bare/", bare),
    path("letter/", letter),
    path("", home),
    path("initiatives/", initiative_list),
    path("initiatives/<slug:key>/", detail),
    path("timeline/", timeline),
    path("search/", initiative_list),
    *portal_addresses,
]
