"""The receipt of a letter, and the links of messages about it: who holds the link acts by it."""

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of, timezones
from stakeholders.letters import personal_copy, receipt_links, submission
from stakeholders.letters.receipt_forms import (
    ConsentForm,
    CopyForm,
    CorrectionForm,
    HandoverForm,
    LostLinkForm,
    ObjectionForm,
)
from stakeholders.public import consultations
from stakeholders.triage import moves

from .private_links import READ_AND_SEND, intake_page, is_slow_enough, paced, secret_page


def _gone_response(request):
    return render(request, "stakeholders/letter_gone.html", status=404)


@READ_AND_SEND
@secret_page
def receipt(request, secret):
    """The letter's number and state, how it was split, and what its sender can still do."""
    letter = submission.find_letter(secret)
    if letter is None:
        return _gone_response(request)
    forms = {"correction": CorrectionForm(), "consent": ConsentForm(letter=letter), "handover": HandoverForm()}
    forms["objection"], forms["about"], forms["copy"] = ObjectionForm(), "", CopyForm(letter=letter)
    if request.method == "POST":
        if request.POST.get("do") == "copy" and (copy := _copy(request, letter, forms)):
            return copy
        if _must_ask_to_withdraw(request, letter):
            return render(request, "stakeholders/letter_withdraw.html", {"letter": letter})
        done = _act(request, letter, forms)
        if done:
            messages.success(request, done)
            return redirect("receipt", secret)
    return _receipt(request, letter, forms)


def _must_ask_to_withdraw(request, letter) -> bool:
    """Withdrawing cannot be undone: it is asked once more."""
    return request.POST.get("do") == "withdraw" and "sure" not in request.POST and not submission.is_over(letter)


def _act(request, letter, forms: dict) -> str | None:
    """Do what a button of the receipt asks for; None where the page is shown again with what is wrong."""
    act = ACTS.get(request.POST.get("do", ""))
    return act(request, letter, forms) if act and not submission.is_over(letter) else None


def _correct(request, letter, forms):
    form = forms["correction"] = CorrectionForm(request.POST)
    if not form.is_valid():
        return None
    if submission.correct(letter, form.cleaned_data["text"], form.cleaned_data["addressed"]):
        return _("Your correction was added. Your original submission is unchanged.")
    form.add_error(None, _("This submission can no longer be corrected."))
    return None


def _object(request, letter, forms):
    form = forms["objection"] = ObjectionForm(request.POST)
    forms["about"] = request.POST.get("about", "")
    asking = next((row for row in submission.askings(letter) if str(row.pk) == forms["about"]), None)
    if asking is None or not form.is_valid():
        return None
    if submission.object_to(asking, form.cleaned_data["text"]):
        return _("We received your objection. Both delegations can see it.")
    form.add_error(None, _("You have reached the limit of objections about this submission."))
    return None


def _consent(request, letter, forms):
    form = forms["consent"] = ConsentForm(request.POST, letter=letter)
    if not form.is_valid():
        return None
    submission.change_consent(letter, form.cleaned_data["consent"])
    return _("Saved.")


def _hand_over(request, letter, forms):
    form = forms["handover"] = HandoverForm(request.POST)
    if not form.is_valid() or not is_slow_enough(request, form, "letter-handover"):
        return None
    if receipt_links.hand_over(letter, form.cleaned_data["name"], form.cleaned_data["email"], get_language()):
        return _("We sent your colleague a message. Nothing changes until your colleague uses the link.")
    form.add_error(None, _("You have reached the limit of colleagues for this submission."))
    return None


def _withdraw(request, letter, forms):
    return _("Your submission was withdrawn.") if moves.withdraw(letter) else None


def _copy(request, letter, forms) -> FileResponse | None:
    """All that is kept about the sender, as a file; for a submission that is closed too."""
    form = forms["copy"] = CopyForm(request.POST, letter=letter)
    if not is_slow_enough(request, form, "letter-copy") or not form.is_valid():
        return None
    name = f"{letter.number}.zip"
    return FileResponse(personal_copy.write(letter), as_attachment=True, filename=name, content_type="application/zip")


ACTS = {
    "correct": _correct,
    "object": _object,
    "consent": _consent,
    "hand_over": _hand_over,
    "withdraw": _withdraw,
}


def _receipt(request, letter, forms):
    askings = submission.askings(letter)
    for row in askings:
        row.about = str(row.pk) == forms["about"] and bool(forms["objection"].errors)
    context = {
        "letter": letter,
        "call": consultations.one(letter.consultation.key, as_of.now()) if letter.consultation else None,
        "received": timezones.to_text(letter.created_at),
        "address": request.build_absolute_uri(request.path),
        "masked": masked(letter.email),
        "askings": askings,
        "public_keys": submission.public_keys(askings),
        "points": submission.receipt_points(letter),
        "parts": letter.parts.all(),
        "files": letter.attachments.all(),
        "corrections": letter.corrections.all(),
        "steps": submission.steps(letter),
        "over": submission.is_over(letter),
        "today": timezone.localdate(),
        **forms,
    }
    has_errors = any(getattr(form, "errors", None) for form in forms.values())
    answer = render(request, "stakeholders/receipt.html", context, status=422 if has_errors else 200)
    return paced(paced(answer, forms["handover"]), forms["copy"])


def masked(email: str) -> str:
    """`e…@example.org`: enough to know one's own address by."""
    name, at, host = email.rpartition("@")
    return f"{name[:1]}…{at}{host}" if email else ""


# By the links of messages: opening a page changes nothing, for programs that look at links open them too


@READ_AND_SEND
@secret_page
def letter_confirm(request, token):
    letter = submission.letter_to_confirm(token)
    if letter is None:
        return _gone_response(request)
    if request.method == "POST":
        submission.confirm_address(letter)
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
        if form.is_valid() and is_slow_enough(request, form, "letter-link"):
            receipt_links.send_link(form.cleaned_data["email"], get_language())
            return redirect("letter_lost_sent")
    return paced(render(request, "stakeholders/letter_lost.html", {"form": form}), form)


@require_safe
@intake_page
def letter_lost_sent(request):
    return render(request, "stakeholders/letter_lost_sent.html", {"days": receipt_links.LINK_PATIENCE.days})


@READ_AND_SEND
@secret_page
def letter_relink(request, token):
    letter = receipt_links.letter_to_link(token)
    if letter is None:
        return _gone_response(request)
    if request.method == "POST" and (secret := receipt_links.replace_link(letter)):
        messages.success(request, _("This is your receipt's new address. The old one no longer works."))
        return redirect("receipt", secret)
    return render(request, "stakeholders/letter_relink.html", {"letter": letter})


@READ_AND_SEND
@secret_page
def letter_handover(request, token):
    handover = receipt_links.find_handover(token)
    if handover is None:
        return _gone_response(request)
    if request.method == "POST" and (secret := receipt_links.accept_handover(handover)):
        messages.success(request, _("You are now the contact for this submission. Save the address of this page."))
        return redirect("receipt", secret)
    return render(request, "stakeholders/letter_handover.html", {"letter": handover.letter})
