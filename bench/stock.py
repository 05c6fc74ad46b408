"""References: the pages that a team writes in a day with Django's own means, over the same published rows.

A dashboard, a list with filters and pages, an initiative with its facts, a timeline and a search by `ILIKE`; and the
bare view, which does nothing but read the public version and answer with bytes that it has.
"""

import django_filters
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template import engines
from django.urls import path

from hled_portal.dates import as_of
from hled_portal.publishing import timed_changes
from hled_portal.urls import urlpatterns as portal
from initiatives.models import Edition, Entry

FRAME = """<!doctype html><html lang="en"><head><title>Stock</title></head><body><nav><a href="/">Home</a></nav>
<h1>Initiatives</h1>%s</body></html>"""
LIST = """<form>{{ filter.form.as_p }}<button>Filter</button></form><p>{{ page.paginator.count }}</p><ul>
{% for row in page %}<li><a href="/en/initiatives/{{ row.subject_key }}/">{{ row.title_en }}</a>
{{ row.get_stage_display }} {{ row.get_kind_display }} {{ row.pillar_key }}<p>{{ row.summary_en }}</p>
{{ row.last_reported }}</li>{% endfor %}</ul>
{% if page.has_next %}<a href="?page={{ page.next_page_number }}">Next</a>{% endif %}"""
FACTS = """<ul>{% for fact in facts %}<li>{{ fact.get_kind_display }} {{ fact.get_action_display }} {{ fact.object_en }}
{{ fact.edtf }} {{ fact.get_modality_display }}</li>{% endfor %}</ul>"""
COUNTS = """<table>{% for row in counts %}<tr><th>{{ row.pillar_key }}</th><td>{{ row.stage }}</td>
<td>{{ row.number }}</td></tr>{% endfor %}</table><table>{% for row in facts %}
<tr><th>{{ row.edition__pillar_key }}</th><td>{{ row.late }}</td><td>{{ row.done }}</td></tr>{% endfor %}</table>"""


class StockFilter(django_filters.FilterSet):
    class Meta:
        model = Edition
        fields = ("pillar_key", "stage", "kind")


def public():
    return Edition.objects.filter(state="published", subject_kind="initiative").defer("content")


def render(template: str, **context) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(FRAME % template).render(context))


def bare(_request):
    timed_changes.public_version()
    return HttpResponse(b"x" * 20_000)


def initiative_list(request):
    chosen = StockFilter(request.GET, public().order_by("pillar_key", "title_en"))
    page = Paginator(chosen.qs, 25).get_page(request.GET.get("page"))
    return render(LIST, filter=chosen, page=page)


def initiative(request, key):
    row = get_object_or_404(public(), subject_key=key)
    return render("<h2>{{ row.title_en }}</h2><p>{{ row.summary_en }}</p>" + FACTS, row=row, facts=row.entries.all())


def dashboard(request):
    counts = public().order_by().values("pillar_key", "stage").annotate(number=Count("pk"))
    late = Q(latest__lt=as_of.today(), modality__in=["expected", "planned", "deadline"])
    facts = Entry.objects.filter(edition__in=public()).order_by().values("edition__pillar_key")
    facts = facts.annotate(late=Count("pk", filter=late), done=Count("pk", filter=Q(modality="happened")))
    return render(COUNTS, counts=counts, facts=facts)


def timeline(request):
    facts = Entry.objects.filter(edition__in=public(), latest__isnull=False).order_by("latest")
    return render(FACTS, facts=Paginator(facts, 100).get_page(1))


def search(request):
    words = request.GET["q"]
    rows = public().filter(Q(title_en__icontains=words) | Q(summary_en__icontains=words)).order_by("title_en")
    return render(LIST, filter=StockFilter({}, rows), page=Paginator(rows, 25).get_page(1))


urlpatterns = [
    path("stock/bare/", bare),
    path("stock/list/", initiative_list),
    path("stock/dashboard/", dashboard),
    path("stock/timeline/", timeline),
    path("stock/search/", search),
    path("stock/<slug:key>/", initiative),
    *portal,
]
