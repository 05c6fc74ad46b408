"""What everybody reads beside the letters that are hidden."""

from copy import deepcopy

import pytest
from django.conf import settings
from django.test import override_settings

from hled_portal.tests import factories as make
from hled_portal.tests.plugin import rolled_back

from .hidden_letters import PUBLIC, marked_letter, work_on


@pytest.fixture(scope="module", autouse=True)
def _media(tmp_path_factory):
    """A folder of the module's own for the files of its letters."""
    folder = str(tmp_path_factory.mktemp("media"))
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}
    with override_settings(MEDIA_ROOT=folder, STORAGES=settings.STORAGES | {"default": storage}):
        yield


@pytest.fixture(scope="module")
def _public_record(_media, django_db_setup, django_db_blocker):
    """The rows of `cast` and `public`, in a transaction that is rolled back after the module."""
    with rolled_back(django_db_blocker):
        cast = make_officers()
        yield cast, make_public(cast)


@pytest.fixture
def _public_objects(_public_record, db):
    """Each test has objects of its own, which know nothing of what another did to their rows."""
    return deepcopy(_public_record)


@pytest.fixture
def cast(request, db):
    """Those of the public record where a test reads it, else a cast of its own."""
    if "public" in request.fixturenames:
        return request.getfixturevalue("_public_objects")[0]
    return make_officers()


@pytest.fixture
def public(_public_objects):
    """What everybody reads: an initiative, a consultation, and two recommendations, one of them answered."""
    return _public_objects[1]


def make_officers():
    cast = make.make_cast()
    officers = make.make_officers()
    cast.rosa, cast.ruth = officers.rosa, officers.ruth
    return cast


def make_public(cast):
    make.publish_with_keys(cast, make.make_initiative())
    call = make.make_consultation("standing")
    one = make.make_heard(
        cast,
        marked_letter("withheld", f"Más {PUBLIC} para la frontera.", consultation=call, consent="withheld"),
        word="Read.",
    )
    make.make_heard(cast, make.make_letter(f"Otra {PUBLIC}, con nombre.", email="eva@example.org"))
    make.make_answer(cast, one.key, text_en="It is done.", initiatives=["otay-mesa-ii"], word="Read.")
    work_on(one.recommendation, cast)
    return one
