"""Addresses of stakeholders, under each language."""

from django.urls import path, re_path

from stakeholders.views import authors, consultations, downloads, follow, letters, receipts, recommendations

urlpatterns = [
    path("follow/", follow.follow, name="follow"),
    path("follow/sent/", follow.follow_sent, name="follow_sent"),
    path("follow/confirm/<str:token>/", follow.follow_confirm, name="follow_confirm"),
    path("follow/<str:secret>/", follow.following_page, name="following"),
    path("recommendations/new/", letters.letter_new, name="letter_new"),
    path("recommendations/receipt/<str:secret>/", receipts.receipt, name="receipt"),
    path("recommendations/confirm/<str:token>/", receipts.letter_confirm, name="letter_confirm"),
    path("recommendations/lost-link/", receipts.letter_lost, name="letter_lost"),
    path("recommendations/lost-link/sent/", receipts.letter_lost_sent, name="letter_lost_sent"),
    path("recommendations/new-link/<str:token>/", receipts.letter_relink, name="letter_relink"),
    path("recommendations/handover/<str:token>/", receipts.letter_handover, name="letter_handover"),
    path("follow/<str:secret>/unsubscribe/", follow.unsubscribe, name="unsubscribe"),
    path("recommendations/stop/<str:secret>/", authors.author_stop, name="author_stop"),
    path("recommendations/", recommendations.recommendations_overview, name="recommendations"),
    path("recommendations/published/", recommendations.recommendation_list, name="recommendation_list"),
    path("recommendations/consultations/<slug:key>/", consultations.consultation, name="consultation"),
    path("recommendations/<slug:key>/", recommendations.recommendation, name="recommendation"),
    path(
        "recommendations/<slug:key>/answers/<slug:side>/editions/<int:number>/content.json",
        recommendations.answer_content,
        name="answer_content",
    ),
    path("you-said-we-did/", recommendations.you_said_we_did, name="you_said_we_did"),
    re_path(
        r"^(?P<name>recommendations|answers|consultations)\.(?P<form>csv|xlsx|json)$",
        downloads.table,
        name="recommendation_table",
    ),
    path("recommendations.atom", downloads.atom, name="recommendations_atom"),
]
