"""Topics of texts in several languages; none where there is too little; nobody's name among them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rind.models.book.topics import find_topics
from rind.models.book.voice_settings import VoiceSettings

SETTINGS = VoiceSettings(
    days=365, most_topics=6, fewest_texts=50, fewest_texts_a_topic=20, fewest_accounts=5, most_common_share=0.4,
    sentences=2, error_rate=0.05,
)  # fmt: skip
PLANTED = {
    "price": ("the price", "is too high", "rose again", "cannot be paid", "of the licence"),
    "slow": ("seiten laden", "viel zu langsam", "stürzen ab", "warten ewig", "laden langsam"),
    "help": ("le support", "ne répond pas", "répond trop tard", "sans support", "aide absente"),
}


def company(count: int = 90, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for n in range(count):
        name = list(PLANTED)[n % 3]
        parts = rng.choice(PLANTED[name], size=3, replace=False)
        rows.append({"account": f"a{n % 40}", "text": " ".join(parts), "planted": name})
    return pd.DataFrame(rows)


def found(texts: pd.DataFrame, names: tuple[str, ...] = (), **changed: Any) -> Any:
    return find_topics(texts["text"], texts["account"], names, SETTINGS.model_copy(update=changed), 7)


def test_planted_topics_are_found_in_three_languages() -> None:
    texts = company()
    topics = found(texts)
    held = pd.crosstab(topics.of_text, texts["planted"]).drop(index=-1, errors="ignore")
    assert (held.max(axis=1) >= 0.9 * held.sum(axis=1)).all()
    assert set(held.idxmax(axis=1)) == set(PLANTED)
    words = {word for words in topics.words for word in words}
    for planted in PLANTED.values():
        assert words & set(" ".join(planted).split())
    assert words <= set(" ".join(" ".join(planted) for planted in PLANTED.values()).split())


def test_the_same_texts_give_the_same_topics() -> None:
    one, other = found(company()), found(company())
    assert one.words == other.words
    assert (one.of_text == other.of_text).all()


def test_too_few_texts_or_accounts_have_no_topic() -> None:
    texts = company()
    assert found(texts.head(49)).words == []
    assert (found(texts.head(49)).of_text == -1).all()
    assert found(texts.assign(account="a1")).words == []
    assert found(texts.iloc[:0]).words == []
    assert found(texts.assign(text="12345 !!")).words == []


def test_at_most_so_many_topics_and_each_of_enough_texts() -> None:
    topics = found(company(), most_topics=2)
    assert len(topics.words) <= 2
    sizes = pd.Series(found(company()).of_text).value_counts().drop(-1, errors="ignore")
    assert (sizes >= SETTINGS.fewest_texts_a_topic).all()


def test_no_word_of_few_accounts_no_name_and_no_number_names_a_topic() -> None:
    texts = company()
    texts.loc[texts["planted"] == "price", "text"] += " thanks elif call 0171234 me@mail"
    rare = texts.index[texts["planted"] == "slow"][:4]
    texts.loc[rare, "text"] += " meierhuber"
    words = {word for words in found(texts, names=("Elif Yilmaz",)).words for word in words}
    assert not words & {"elif", "meierhuber", "0171234"}
    without = {word for words in found(texts).words for word in words}
    assert "thanks" in without or "elif" in without
