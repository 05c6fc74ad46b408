"""The operator's privacy texts: without them production takes no letter."""

import pytest
from django.core.checks import run_checks
from django.utils import translation

from stakeholders.letters import privacy_texts


@pytest.fixture
def files(tmp_path, settings):
    def write(**texts):
        settings.PRIVACY_TEXTS = []
        for name, words in texts.items():
            path = tmp_path / f"{name.replace('_', '.')}.txt"
            path.write_bytes(words if isinstance(words, bytes) else words.encode())
            settings.PRIVACY_TEXTS.append(str(path))

    return write


def test_texts_stand_in_the_reader_s_language(files):
    files(aviso_es="# Aviso\n\nUno\nsigue.\n\nDos.", notice_en="Notice\n\nOne.", act_en="Privacy Act\n\nTwo.")
    assert privacy_texts.find_errors() == []
    with translation.override("es"):
        assert privacy_texts.texts() == [privacy_texts.PrivacyText("Aviso", ["Uno sigue.", "Dos."])]
    with translation.override("en"):
        assert [text.title for text in privacy_texts.texts()] == ["Notice", "Privacy Act"]


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        ({}, "no privacy notice in en"),
        ({"notice_en": "Notice"}, "no privacy notice in es"),
        ({"notice_en": "Notice", "aviso_es": b"\xff\xfe\xff"}, "cannot be read"),
        ({"notice_en": "Notice", "aviso_es": "  "}, "is empty"),
        ({"notice_en": "Notice", "aviso": "Aviso"}, "has no language"),
    ],
)
def test_what_is_lacking_is_named(files, texts, fault):
    files(**texts)
    assert fault in " ".join(privacy_texts.find_errors())
    assert not privacy_texts.taken()


def test_a_file_that_is_not_there_is_named(settings):
    settings.PRIVACY_TEXTS = ["/nowhere/aviso.es.txt", "/nowhere/notice.en.txt"]
    assert "cannot be read" in privacy_texts.find_errors()[0]


def test_a_directory_holds_the_notices_of_both_governments_in_both_languages(tmp_path, settings):
    settings.PRIVACY_TEXTS = [str(tmp_path)]
    for name in ("mx.es.md", "mx.en.md", "us.en.md"):
        (tmp_path / name).write_text(f"# Notice {name}\n\nWords.")
    assert "us.es.md cannot be read" in " ".join(privacy_texts.find_errors())
    assert not privacy_texts.taken()
    (tmp_path / "us.es.md").write_text("# Notice us.es.md\n\nWords.")
    assert privacy_texts.find_errors() == []
    with translation.override("en"):
        assert [text.title for text in privacy_texts.texts()] == ["Notice us.en.md", "Notice mx.en.md"]
    with translation.override("es"):
        assert [text.title for text in privacy_texts.texts()] == ["Notice mx.es.md", "Notice us.es.md"]


def test_development_shows_a_marked_placeholder(settings):
    settings.PRIVACY_TEXTS, settings.DEBUG = [], True
    assert privacy_texts.taken()
    assert "PLACEHOLDER" in privacy_texts.texts()[0].title


@pytest.mark.django_db
def test_production_without_texts_takes_no_letter(client, settings):
    settings.PRIVACY_TEXTS = []
    for answer in (client.get("/en/recommendations/new/"), client.post("/en/recommendations/new/", {})):
        assert answer.status_code == 503
        assert "The operator of this portal has not published its privacy notices yet." in answer.content.decode()


def test_the_deployment_check_names_what_lacks(files):
    files(notice_en="Notice")
    found = [message for message in run_checks(include_deployment_checks=True) if message.id == "stakeholders.W001"]
    assert [message.msg for message in found] == ["PRIVACY_TEXTS has no privacy notice in es."]
    assert "stakeholders.W001" not in {message.id for message in run_checks()}
