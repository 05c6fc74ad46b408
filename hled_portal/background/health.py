"""For the machine that runs the portal: is it alive, and can it serve?"""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse


def live() -> HttpResponse:
    return _say("ok")


def ready() -> HttpResponse:
    """Ready when the database answers and holds every table that this release expects."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return _say("The database does not answer.", status=503)
    return _say("Migrations are waiting.", status=503) if waiting else _say("ok")


PROBES = {"/health/live": live, "/health/ready": ready}


def answer_health(get_response):
    """A middleware, not a page: a probe names any host, speaks plain HTTP and signs in nowhere."""

    def middleware(request):
        answer = PROBES.get(request.path_info)
        return answer() if answer else get_response(request)

    return middleware


def _say(text: str, status: int = 200) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain", headers=headers)
