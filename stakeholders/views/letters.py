"""Writing to both governments, and the receipt. No account, no cookie and no script are needed.

Nothing here is kept by a browser or a cache, nothing is logged. The form has no token against forged requests: it acts
for nobody who is signed in, and a browser that refuses cookies could not send it.
"""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import NON_FIELD_ERRORS, RequestDataTooBig
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from hled_portal import intake, moments

from .. import attachments, letters, privacy_texts
from ..letter_forms import (
    FILE_INPUTS,
    PART_INPUTS,
    ConsentForm,
    CorrectionForm,
    HandoverForm,
    LetterForm,
    LostLinkForm,
    ObjectionForm,
)
from ..models import Consultation
from .secret import READ_AND_SEND, secret_page

#: Of a whole request; what is larger is not read at all.
LARGEST_REQUEST = 96 * attachments.MEGABYTE


def intake_page(view):
    """A page with a form that anybody sends: open without an account, kept nowhere, named by no search engine."""

    @wraps(view)
    def answer(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return csrf_exempt(login_not_required(sensitive_post_parameters()(answer)))


# Sending


@READ_AND_SEND
@intake_page
def letter_new(request):
    """The form. Whatever is wrong with it, what was typed and attached is still there."""
    if not privacy_texts.taken():
        return render(request, "stakeholders/letter_not_taken.html", {"contact": settings.CONTACT}, status=503)
    if request.method == "POST":
        return _sent(request)
    asked = request.GET.get("consultation", "")
    open_keys = {row.key for row in letters.open_consultations()}
    form = LetterForm(None, asked if asked in open_keys else "", request.GET.get("points", ""))
    return _form(request, form, closed=_closed(asked) if asked not in open_keys else None)


def _closed(key: str) -> Consultation | None:
    return Consultation.objects.public(timezone.now()).filter(key=key).first() if key.isascii() else None


def _sent(request):
    _prepare(request)
    once = request.POST.get("once", "")
    if letters.is_once(once) and letters.sent_already(once):
        return _already(request, once)
    form = LetterForm(request.POST)
    token, draft = _with_files(request, form)
    if "more" in request.POST:
        form.quieten()
        return _form(request, form, token, draft)
    if form.trapped:
        form.add_error(
            None, _("A field that people do not see was filled in; it is empty again. Please send once more.")
        )
    if not form.is_valid() or not _is_slow_enough(request, form, "letter"):
        return _form(request, form, token, draft)
    secret = letters.receive(form.once, form.words(), draft)
    if draft is not None and draft.pk:  # The same form was faster, with files of its own.
        attachments.remove(draft.attachments.all())
    messages.success(request, _("Your letter was received. Keep the address of this page: it is your receipt."))
    return redirect("receipt", secret)


def _prepare(request) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > LARGEST_REQUEST:
        raise RequestDataTooBig
    request.upload_handlers.insert(0, attachments.SizeLimit(request))


def _already(request, once: str):
    told = _("This form was sent before: this is its receipt. To change something, add a correction below.")
    messages.info(request, told)
    return redirect("receipt", letters.secret_of_form(once))


def _with_files(request, form):
    """Keep what was attached, tell what is unfit beside its input, and take away what was unticked."""
    token = request.POST.get("draft", "")
    draft = letters.draft_of(token)
    if draft:
        gone = [row for row in letters.files_of(draft) if f"remove_{row.pk}" in request.POST]
        attachments.remove(gone)
    for name in getattr(request, "too_large", ()):
        form.add_error("files", _("%(file)s: it is larger than 10 MB") % {"file": name})
    sent = [(name, file) for name in FILE_INPUTS for file in request.FILES.getlist(name)]
    if sent and intake.too_often("letter-files", request.META["REMOTE_ADDR"]):
        form.add_error("files", intake.pace_error())
        return token, draft
    for name, file in sent:
        token, draft = _keep(form, name, file, token, draft)
    return token, draft


def _keep(form, name: str, file, token: str, draft):
    try:
        uploaded = attachments.examined(file, FILE_INPUTS[name])
    except attachments.Unfit as reason:
        form.add_error(name, f"{attachments.shown_name(file.name)}: {reason}")
        return token, draft
    if len(letters.files_of(draft)) >= attachments.MOST_FILES:
        form.add_error(name, _("%(file)s: a letter has 8 files at most") % {"file": uploaded.name})
        return token, draft
    if draft is None:
        token, draft = letters.new_draft()
    attachments.keep(uploaded, draft)
    return token, draft


def _is_slow_enough(request, form, what: str) -> bool:
    if not intake.too_often(what, request.META["REMOTE_ADDR"]):
        return True
    form.add_error(None, intake.pace_error())
    return False


def _form(request, form: LetterForm, token: str = "", draft=None, closed=None):
    moments.asked(request)
    files = letters.files_of(draft)
    confidential = any(form[name].value() or form[name].errors for name in PART_INPUTS)
    confidential |= any(form[name].errors for name in FILE_INPUTS if name != "files")
    context = {
        "form": form,
        "draft": token if draft else "",
        "files": files,
        "closed": closed,
        "confidential": confidential or any(row.addressed for row in files),
        "privacy": privacy_texts.texts(),
        "who": [form[name] for name in ("sender_kind", "sender_name", "organization", "represented")],
        "parts": [(form[part], form[part.replace("part", "files")]) for part in PART_INPUTS],
        "scanned": bool(settings.CLAMD_ADDRESS),
    }
    return _paced(render(request, "stakeholders/letter_new.html", context), form)


def _paced(answer, form):
    if form.has_error(NON_FIELD_ERRORS, "pace"):
        answer.status_code = 429
        answer.headers["Retry-After"] = intake.HOUR
    return answer


# The receipt


def _gone(request):
    return render(request, "stakeholders/letter_gone.html", status=404)


@READ_AND_SEND
@secret_page
@sensitive_post_parameters()
def receipt(request, secret):
    """The letter's number and state, how it was split, and what its sender can still do."""
    letter = letters.letter_of(secret)
    if letter is None:
        return _gone(request)
    forms = {"correction": CorrectionForm(), "consent": ConsentForm(letter=letter), "handover": HandoverForm()}
    forms["objection"], forms["about"] = ObjectionForm(), ""
    if request.method == "POST":
        done = _act(request, letter, forms)
        if done:
            messages.success(request, done)
            return redirect("receipt", secret)
    return _receipt(request, letter, forms)


def _act(request, letter, forms: dict) -> str | None:
    """Do what a button of the receipt asks for; None where the page is shown again with what is wrong."""
    act = ACTS.get(request.POST.get("do", ""))
    return act(request, letter, forms) if act and not letters.is_over(letter) else None


def _correct(request, letter, forms):
    form = forms["correction"] = CorrectionForm(request.POST)
    if not form.is_valid():
        return None
    if letters.correct(letter, form.cleaned_data["text"], form.cleaned_data["addressed"]):
        return _("Your correction was added. The letter itself stays as it came.")
    form.add_error(None, _("No more corrections are taken for this letter."))
    return None


def _object(request, letter, forms):
    form = forms["objection"] = ObjectionForm(request.POST)
    forms["about"] = request.POST.get("about", "")
    asking = next((row for row in letters.askings(letter) if str(row.pk) == forms["about"]), None)
    if asking is None or not form.is_valid():
        return None
    if letters.object_to(asking, form.cleaned_data["text"]):
        return _("Your objection was received. Both delegations see it.")
    form.add_error(None, _("No more objections are taken for this letter."))
    return None


def _consent(request, letter, forms):
    form = forms["consent"] = ConsentForm(request.POST, letter=letter)
    if not form.is_valid():
        return None
    letters.change_consent(letter, form.cleaned_data["consent"])
    return _("Saved.")


def _hand_over(request, letter, forms):
    form = forms["handover"] = HandoverForm(request.POST)
    if not form.is_valid() or not _is_slow_enough(request, form, "letter-handover"):
        return None
    if letters.hand_over(letter, form.cleaned_data["name"], form.cleaned_data["email"], get_language()):
        return _("Your colleague gets a message. Until its link is used, nothing changes.")
    form.add_error(None, _("No more colleagues can be named for this letter."))
    return None


def _withdraw(request, letter, forms):
    return _("Your letter is withdrawn.") if letters.withdraw(letter) else None


ACTS = {
    "correct": _correct,
    "object": _object,
    "consent": _consent,
    "hand_over": _hand_over,
    "withdraw": _withdraw,
}


def _receipt(request, letter, forms):
    askings = letters.askings(letter)
    for row in askings:
        row.about = str(row.pk) == forms["about"] and bool(forms["objection"].errors)
    context = {
        "letter": letter,
        "address": request.build_absolute_uri(request.path),
        "masked": masked(letter.email),
        "askings": askings,
        "public_keys": letters.public_keys(letter),
        "points": letter.points.all(),
        "parts": letter.parts.all(),
        "files": letter.attachments.all(),
        "corrections": letter.corrections.all(),
        "steps": letters.steps(letter),
        "over": letters.is_over(letter),
        "today": timezone.localdate(),
        **forms,
    }
    wrong = any(getattr(form, "errors", None) for form in forms.values())
    answer = render(request, "stakeholders/receipt.html", context, status=422 if wrong else 200)
    return _paced(answer, forms["handover"])


def masked(email: str) -> str:
    """`e…@example.org`: enough to know one's own address by."""
    name, at, host = email.rpartition("@")
    return f"{name[:1]}…{at}{host}" if email else ""


# By the links of messages: opening a page changes nothing, for programs that look at links open them too


@READ_AND_SEND
@secret_page
def letter_confirm(request, token):
    letter = letters.letter_to_confirm(token)
    if letter is None:
        return _gone(request)
    if request.method == "POST":
        letters.confirm(letter)
        letter.refresh_from_db()
    return render(request, "stakeholders/letter_confirm.html", {"letter": letter})


@READ_AND_SEND
@intake_page
def letter_lost(request):
    """A lost link is sent to an address that was confirmed; the page says the same for every address."""
    form = LostLinkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if form.trapped:
            return redirect("letter_lost_sent")
        if form.is_valid() and _is_slow_enough(request, form, "letter-link"):
            letters.ask_for_link(form.cleaned_data["email"], get_language())
            return redirect("letter_lost_sent")
    return _paced(render(request, "stakeholders/letter_lost.html", {"form": form}), form)


@require_safe
@intake_page
def letter_lost_sent(request):
    return render(request, "stakeholders/letter_lost_sent.html", {"days": letters.LINK_PATIENCE.days})


@READ_AND_SEND
@secret_page
def letter_relink(request, token):
    letter = letters.letter_to_link(token)
    if letter is None:
        return _gone(request)
    if request.method == "POST" and (secret := letters.relink(letter)):
        messages.success(request, _("This is the new address of your receipt. The old one no longer works."))
        return redirect("receipt", secret)
    return render(request, "stakeholders/letter_relink.html", {"letter": letter})


@READ_AND_SEND
@secret_page
def letter_handover(request, token):
    handover = letters.handover_of(token)
    if handover is None:
        return _gone(request)
    if request.method == "POST" and (secret := letters.accept(handover)):
        messages.success(request, _("You are the contact of this letter now. Keep the address of this page."))
        return redirect("receipt", secret)
    return render(request, "stakeholders/letter_handover.html", {"letter": handover.letter})
