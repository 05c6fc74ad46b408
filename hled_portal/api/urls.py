"""Addresses of the API, below /api/v1/ and in no language of their own."""

from django.urls import path, re_path

from . import docs_page
from .endpoints import ENDPOINTS

urlpatterns = [path(each.route, each.view, name=f"api_{each.name}") for each in ENDPOINTS]
urlpatterns += [
    path("schema/", docs_page.openapi_document, name="api_schema"),
    path("docs/", docs_page.documentation, name="api_documentation"),
    re_path(r"^[\s\S]*/$", docs_page.unknown_address),  # Without the slash Django leads to the address with it.
]
