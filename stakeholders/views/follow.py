"""Pages of people who follow by e-mail. No account: who holds the link from a message acts by it."""

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from hled_portal.web import rate_limits
from stakeholders.notifications import following, subjects
from stakeholders.notifications.follow_forms import ChangeForm, FollowForm
from stakeholders.notifications.following import Subject

from .private_links import READ_AND_SEND, secret_page

# Asking


@READ_AND_SEND
@never_cache
def follow(request):
    """What is public today can be followed; links keep the day that somebody came from."""
    as_of.from_request(request)
    subject = subjects.subject_from_query(request.GET)
    if subject is None:
        return render(request, "stakeholders/follow_nothing.html", status=404)
    named = subjects.describe_subjects([subject])[0]
    form = FollowForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if form.trapped:
            return redirect("follow_sent")
        if form.is_valid() and _is_slow_enough(request, form):
            form.save(named)
            return redirect("follow_sent")
    slower = form.has_error(NON_FIELD_ERRORS, "pace")
    answer = render(request, "stakeholders/follow.html", {"form": form, "named": named}, status=429 if slower else 200)
    if slower:
        answer.headers["Retry-After"] = rate_limits.HOUR
    return answer


def _is_slow_enough(request, form: FollowForm) -> bool:
    if not rate_limits.too_often("follow", request.META["REMOTE_ADDR"]):
        return True
    form.add_error(None, rate_limits.pace_error())
    return False


@require_safe
@never_cache
def follow_sent(request):
    """The same for everyone: it reveals nothing about the address."""
    return render(request, "stakeholders/follow_sent.html", {"days": following.REQUEST_VALID_FOR.days})


# By the link of a message


@READ_AND_SEND
@secret_page
def follow_confirm(request, token):
    """Opening the page confirms nothing: programs that look at links open them too."""
    follow_request = following.find_request(token)
    if follow_request is None:
        return render(request, "stakeholders/follow_gone.html", {"days": following.REQUEST_VALID_FOR.days}, status=404)
    if request.method == "POST" and (follower := following.confirm_follow(follow_request)):
        messages.success(request, _("Confirmed. You will get an email when something new is published."))
        return redirect("following", following.follower_secret(follower))
    context = {
        "follow_request": follow_request,
        "named": subjects.describe_subjects([Subject.from_row(follow_request)])[0],
    }
    return render(request, "stakeholders/follow_confirm.html", context)


@READ_AND_SEND
@secret_page
def following_page(request, secret):
    """What somebody follows. Sent: another language or rhythm, or one thing less."""
    follower = following.find_follower(secret)
    if follower is None:
        return _nobody(request, secret)
    form = ChangeForm(request.POST if "save" in request.POST else None, initial=vars(follower))
    if form.is_valid():
        form.save(follower)
        messages.success(request, _("Saved."))
        return redirect("following", secret)
    if "stop" in request.POST:
        return _stop(request, follower, secret)
    follows = list(follower.follows.all())
    named = subjects.describe_subjects([Subject.from_row(row) for row in follows])
    context = {"form": form, "secret": secret, "follows": list(zip(follows, named, strict=True))}
    return render(request, "stakeholders/following.html", context)


def _stop(request, follower, secret):
    number = request.POST["stop"]
    known = number.isascii() and number.isdigit() and len(number) < 19  # What a column can hold.
    row = get_object_or_404(follower.follows, pk=number if known else 0)
    if following.stop(follower, row):
        return render(request, "stakeholders/unsubscribed.html")
    messages.success(request, _("You will no longer get updates about this."))
    return redirect("following", secret)


@READ_AND_SEND
@secret_page
def unsubscribe(request, secret):
    """A page with one button for people; mail programs send at once, as RFC 8058 asks."""
    follower = following.find_follower(secret)
    if follower is None:
        return _nobody(request, secret)
    if request.method == "POST":
        following.stop_all(follower)
        return render(request, "stakeholders/unsubscribed.html")
    return render(request, "stakeholders/unsubscribe.html", {"secret": secret})


def _nobody(request, secret):
    """A link of ours whose address was erased since; a mail program may ask twice."""
    if following.handle_in("manage", secret) is None:
        raise Http404
    return render(request, "stakeholders/unsubscribed.html")
