"""Addresses of the API, below /api/v1/ and in no language of their own."""

from django.urls import path, re_path

from . import guide
from .endpoints import ENDPOINTS

urlpatterns = [path(each.route, each.view, name=f"api_{each.name}") for each in ENDPOINTS]
urlpatterns += [
    path("schema/", guide.schema, name="api_schema"),
    path("docs/", guide.documentation, name="api_documentation"),
    re_path(r"^[\s\S]*/$", guide.unknown),  # Without the slash Django leads to the address with it.
]
