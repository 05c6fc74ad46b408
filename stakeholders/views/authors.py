"""The page by which the author of letters stops the messages about them, from the link of a message."""

from django.http import Http404
from django.shortcuts import render

from .. import telling
from .secret import READ_AND_SEND, secret_page


@READ_AND_SEND
@secret_page
def author_stop(request, secret):
    """A page with one button for people; mail programs send at once, as RFC 8058 asks."""
    author = telling.author_of(secret)
    if author is None:
        raise Http404
    if request.method == "POST":
        telling.stop(author)
    numbers = [letter.number for letter in telling.letters_of(author)] or [author.letter.number]
    context = {"stopped": request.method == "POST" or author.stopped_at is not None, "numbers": numbers}
    return render(request, "stakeholders/author_stop.html", context)
