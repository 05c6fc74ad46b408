"""The page by which the author of letters stops the messages about them, from the link of a message."""

from django.http import Http404
from django.shortcuts import render

from stakeholders.notifications import author_notifications

from .private_links import READ_AND_SEND, secret_page


@READ_AND_SEND
@secret_page
def author_stop(request, secret):
    """A page with one button for people; mail programs send at once, as RFC 8058 asks."""
    author = author_notifications.find_author(secret)
    if author is None:
        raise Http404
    if request.method == "POST":
        author_notifications.stop(author)
    numbers = [letter.number for letter in author_notifications.author_letters(author)] or [author.letter.number]
    context = {
        "stopped": request.method == "POST" or author.stopped_at is not None,
        "numbers": numbers,
        "count": len(numbers),
    }
    return render(request, "stakeholders/author_stop.html", context)
