"""What workers recorded is shown in the language of the reader."""

from django.utils import translation

from infactor.core import recorded_texts


def test_a_stored_sentence_is_in_the_language_of_its_reader(monkeypatch):
    spanish = {
        "%(field)s is missing.": "Falta %(field)s.",
        "QuickBooks did not answer.": "QuickBooks no respondió.",
        "Due date": "Fecha de vencimiento",
    }
    monkeypatch.setattr(recorded_texts, "gettext", lambda text: spanish.get(text, text))
    recorded_texts.register("%(field)s is missing.", "{open} of invoice {number} is open.")
    with translation.override("es"):
        assert recorded_texts.shown("QuickBooks did not answer.") == "QuickBooks no respondió."
        assert recorded_texts.shown("Due date is missing.") == "Falta Fecha de vencimiento."
        assert recorded_texts.shown("A person wrote this.") == "A person wrote this."
        assert recorded_texts.shown("3.00 of invoice 1 is open.") == "3.00 of invoice 1 is open."
        assert recorded_texts.shown("") == ""
    with translation.override("en"):
        assert recorded_texts.shown("Due date is missing.") == "Due date is missing."
