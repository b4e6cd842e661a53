"""What staff call the readers of the journal."""

from __future__ import annotations

import pytest

from bridge.config.settings import BridgeSettings
from bridge.features.naming import Names
from bridge.features.staff.readers import reader_sentence
from bridge.locales import LANGUAGES, Catalogue

NAMES = Names(
    BridgeSettings.model_validate(
        {"community": {"name": "Our village"}, "servers": {"survival": {"title": "Survival"}}}
    )
)


@pytest.mark.parametrize(
    ("reader", "where"),
    [
        ("archive", ""),
        ("happenings", ""),
        ("metrics", ""),
        ("relay:game:survival", "Survival"),
        ("relay:game:gone", "gone"),
        ("relay:discord:123", "123"),
        ("hooks:console:survival", "Survival"),
        ("hooks:out:shop", "shop"),
    ],
)
def test_every_reader_of_ours_has_a_name_in_words(reader: str, where: str) -> None:
    sentence = reader_sentence(reader, NAMES)
    assert sentence is not None
    key, leads_to = sentence
    assert leads_to == where
    for language in LANGUAGES:
        assert where in Catalogue.load(language).plain(key, where=leads_to)


def test_the_reader_of_a_package_keeps_its_own_name() -> None:
    assert reader_sentence("starts", NAMES) is None
