"""Writing to both governments. No account, no cookie and no script are needed.

Nothing here is kept by a browser or a cache, nothing is logged. The form has no token against forged requests: it acts
for nobody who is signed in, and a browser that refuses cookies could not send it.
"""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.shortcuts import redirect, render
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from hled_portal.dates import as_of
from hled_portal.web import rate_limits
from stakeholders.letters import attachments, privacy_texts, submission
from stakeholders.letters.forms import FILE_INPUTS, PART_INPUTS, LetterForm
from stakeholders.models import ConsultationEdition

from .private_links import READ_AND_SEND, intake_page, is_slow_enough, paced

#: Of a whole request; what is larger is not read at all.
LARGEST_REQUEST = 96 * attachments.MEGABYTE


@READ_AND_SEND
@intake_page
def letter_new(request):
    """The form. Whatever is wrong with it, what was typed and attached is still there."""
    if not privacy_texts.taken():
        return render(request, "stakeholders/letter_not_taken.html", {"contact": settings.CONTACT}, status=503)
    if request.method == "POST":
        return _sent(request)
    key = request.GET.get("consultation", "")
    open_keys = {row.key for row in submission.open_consultations()}
    form = LetterForm(None, key if key in open_keys else "", request.GET.get("points", ""))
    return _form(request, form, closed=_closed(key) if key not in open_keys else None)


def _closed(key: str) -> ConsultationEdition | None:
    rows = ConsultationEdition.objects.public(as_of.now())
    return rows.filter(consultation_key=key).first() if key.isascii() else None


def _sent(request):
    _prepare(request)
    once = request.POST.get("once", "")
    if submission.is_form_key(once) and submission.sent_already(once):
        return _already(request, once)
    form = LetterForm(request.POST)
    token, draft = _with_files(request, form)
    if "more" in request.POST or "change" in request.POST:
        form.quieten()
        return _form(request, form, token, draft)
    if form.trapped:
        form.add_error(None, _("A hidden field was filled in and is now empty. Please send the form again."))
    if not form.is_valid():
        return _form(request, form, token, draft)
    words = form.words()
    if _was_sent_lately(form, words, draft):
        return _form(request, form, token, draft)
    if "checked" not in request.POST:
        return _check(request, form, token, draft)
    if not is_slow_enough(request, form, "letter"):
        return _form(request, form, token, draft)
    secret = submission.receive(form.once, words, draft)
    if draft is not None and draft.pk:  # The same form was faster, with files of its own.
        attachments.remove(draft.attachments.all())
    messages.success(request, _("We received your submission. Save the address of this page: it is your receipt."))
    return redirect("receipt", secret)


def _was_sent_lately(form, words: submission.LetterContent, draft) -> bool:
    """Whether the same was sent by another form: a browser's "back" draws a new one."""
    letter = submission.sent_lately(form.once, words, draft)
    if letter is not None:
        text = _(
            "You sent this %(time)s ago. The receipt number is %(number)s. It was not sent again. "
            "To add something, use the link of that receipt."
        )
        form.add_error(None, text % {"time": timesince(letter.created_at), "number": letter.number})
    return letter is not None


def _check(request, form, token, draft):
    """All answers once more, before they are sent; no script is needed."""
    as_of.from_request(request)
    context = {"form": form, "draft": token if draft else "", "files": submission.draft_files(draft)}
    return render(request, "stakeholders/letter_check.html", context)


def _prepare(request) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > LARGEST_REQUEST:
        raise RequestDataTooBig
    request.upload_handlers.insert(0, attachments.SizeLimit(request))


def _already(request, once: str):
    text = _("This form was already sent. This is its receipt. To change something, add a correction below.")
    messages.info(request, text)
    return redirect("receipt", submission.receipt_secret(once))


def _with_files(request, form):
    """Keep what was attached, report errors beside its input, and take away what was unticked."""
    token = request.POST.get("draft", "")
    draft = submission.find_draft(token)
    if draft:
        gone = [row for row in submission.draft_files(draft) if f"remove_{row.pk}" in request.POST]
        attachments.remove(gone)
    for name in getattr(request, "too_large", ()):
        form.add_error("files", _("%(file)s: it is larger than 10 MB") % {"file": name})
    sent = [(name, file) for name in FILE_INPUTS for file in request.FILES.getlist(name)]
    # What was no form of ours counts apart: nobody uses up the files of others without opening the page.
    ours = form.was_shown and submission.is_form_key(form.data.get("once", ""))
    if sent and rate_limits.too_often("letter-files" if ours else "forged-files", request.META["REMOTE_ADDR"]):
        form.add_error("files", rate_limits.pace_error())
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
    if len(submission.draft_files(draft)) >= attachments.MAX_FILES:
        form.add_error(name, _("%(file)s: a submission can have up to 8 files") % {"file": uploaded.name})
        return token, draft
    if draft is None:
        token, draft = submission.new_draft()
    attachments.keep(uploaded, draft)
    return token, draft


def _form(request, form: LetterForm, token: str = "", draft=None, closed=None):
    as_of.from_request(request)
    files = submission.draft_files(draft)
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
    return paced(render(request, "stakeholders/letter_new.html", context), form)
