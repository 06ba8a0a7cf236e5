"""Topics of short texts in any language: words and pieces of words that are said together.

Term weights (TF-IDF) of words and of pieces of words, which hold inflections and typing errors together, factorised
into few non-negative parts (Lee and Seung 1999). No list of stop words and no model of a language is needed: a word
that many texts share tells little, and names no topic.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix, hstack
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from rind.models.book.voice_settings import VoiceSettings

WORD = r"(?u)\b[^\W\d_]{2,}\b"
"""Letters alone: numbers, addresses and codes name no topic."""
PIECES = (4, 5)
MOST_PIECES, MOST_TEXTS = 4000, 20_000
WORDS_OF_A_TOPIC = 4
SAME_TOPIC = 0.5
"""Two parts whose texts are so alike (cosine) are one topic in two wordings."""
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Vectors:
    """Texts as numbers.

    Parameters
    ----------
    texts
        One row per text, of length 1: its words and pieces of words.
    words
        Those that may name a topic.
    weights
        One row per text: how much it says of each of ``words``.
    """

    texts: csr_matrix
    words: npt.NDArray[np.str_]
    weights: csr_matrix


@dataclass(frozen=True)
class Topics:
    """What texts are about.

    Parameters
    ----------
    words
        Of each topic the words that set it apart, the strongest first; "" between none.
    of_text
        (texts,) number of the topic, -1 for none.
    weight
        (texts,) how much of the text is about it, 0 to 1; the most typical texts have the most.
    """

    words: list[tuple[str, ...]]
    of_text: Codes
    weight: npt.NDArray[np.float64]


def find_topics(
    texts: pd.Series, accounts: pd.Series, names: Collection[str], settings: VoiceSettings, seed: int
) -> Topics:
    """At most ``settings.most_topics`` topics; none where there are too few texts.

    Parameters
    ----------
    texts, accounts
        One row per text: what was said, and who said it.
    names
        Names of people: no word of them names a topic. Nor does any word that fewer than ``settings.fewest_accounts``
        accounts have said.
    """
    nothing = Topics([], np.full(len(texts), -1, dtype="int64"), np.zeros(len(texts)))
    if len(texts) < settings.fewest_texts or accounts.nunique() < settings.fewest_accounts:
        return nothing
    lowered = texts.astype("str").str.lower()
    vectors = _vectors(lowered, accounts, names, settings)
    most = min(settings.most_topics, len(texts) // settings.fewest_texts_a_topic)
    if vectors is None or most < 1:
        return nothing
    shares = _parts(vectors.texts, most, seed)
    topic = np.where(shares.max(axis=1) > 0, shares.argmax(axis=1), -1).astype("int64")
    topic = _merged(topic, vectors.texts)
    topic = _large_enough(topic, accounts, settings)
    return _named(topic, shares.max(axis=1), vectors)


def _vectors(
    lowered: pd.Series, accounts: pd.Series, names: Collection[str], settings: VoiceSettings
) -> Vectors | None:
    """The texts as numbers; None where no word may name a topic."""
    plain = {"lowercase": False, "sublinear_tf": True, "dtype": np.float64}
    by_word = TfidfVectorizer(token_pattern=WORD, max_df=settings.most_common_share, **plain)
    try:
        weights = csr_matrix(by_word.fit_transform(lowered))
    except ValueError:  # no word is left
        return None
    words = np.array(by_word.get_feature_names_out(), dtype=str)
    own = {part for name in names for part in name.lower().split()}
    kept = _said_by(weights, accounts) >= settings.fewest_accounts
    kept &= np.array([word not in own for word in words])
    if not kept.any():
        return None
    words, weights = words[kept], csr_matrix(weights[:, kept])
    by_piece = TfidfVectorizer(
        analyzer="char_wb", ngram_range=PIECES, min_df=settings.fewest_accounts, max_df=settings.most_common_share,
        max_features=MOST_PIECES, **plain,
    )  # fmt: skip
    try:
        pieces = csr_matrix(by_piece.fit_transform(lowered))
    except ValueError:
        pieces = csr_matrix((len(lowered), 0))
    both = csr_matrix(normalize(hstack([normalize(weights), 0.5 * normalize(pieces)])))
    return Vectors(both, words, weights)


def _said_by(weights: csr_matrix, accounts: pd.Series) -> Codes:
    """How many accounts have said each word."""
    codes = pd.factorize(accounts)[0]
    rows = csr_matrix((np.ones(len(codes)), (codes, np.arange(len(codes)))))
    return np.asarray(((rows @ (weights > 0)) > 0).sum(axis=0)).ravel()


def _parts(vectors: csr_matrix, most: int, seed: int) -> npt.NDArray[np.float64]:
    """(texts, parts): how much of each text each part explains, 0 to 1; learned from the first `MOST_TEXTS`."""
    count = min(most, *vectors.shape)
    model = NMF(count, init="nndsvda", random_state=seed, max_iter=200, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a rough factorisation names the same topics
        model.fit(vectors[:MOST_TEXTS])
        explained = model.transform(vectors) * np.linalg.norm(model.components_, axis=1)
    total = explained.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(explained, total, out=np.zeros_like(explained), where=total > 0))


def _merged(topic: Codes, vectors: csr_matrix) -> Codes:
    """Parts whose mean texts are alike become one."""
    numbers = [n for n in np.unique(topic) if n >= 0]
    if len(numbers) < 2:
        return topic
    means = normalize(np.vstack([np.asarray(vectors[topic == n].mean(axis=0)) for n in numbers]))
    alike, merged = means @ means.T, topic.copy()
    for later in range(1, len(numbers)):
        nearest = int(np.argmax(alike[later, :later]))
        if alike[later, nearest] >= SAME_TOPIC:
            merged[merged == numbers[later]] = merged[topic == numbers[nearest]][0]
    return merged


def _large_enough(topic: Codes, accounts: pd.Series, settings: VoiceSettings) -> Codes:
    """Topics numbered from 0 by their texts, most first; those of too few texts or accounts are none."""
    by_topic = pd.DataFrame({"topic": topic, "account": accounts.to_numpy()}).groupby("topic")["account"]
    sizes = by_topic.agg(["size", "nunique"]).drop(index=-1, errors="ignore")
    enough = (sizes["size"] >= settings.fewest_texts_a_topic) & (sizes["nunique"] >= settings.fewest_accounts)
    kept = sizes[enough].sort_values("size", ascending=False, kind="stable").index
    return np.asarray(pd.Index(kept).get_indexer(pd.Index(topic)), dtype="int64")


def _named(topic: Codes, weight: npt.NDArray[np.float64], vectors: Vectors) -> Topics:
    """Each topic's words: those that weigh more in its texts than in all others."""
    named: list[tuple[str, ...]] = []
    for number in range(int(topic.max()) + 1 if len(topic) else 0):
        own, others = vectors.weights[topic == number], vectors.weights[topic != number]
        apart = np.asarray(own.mean(axis=0)).ravel()
        if others.shape[0]:
            apart = apart - np.asarray(others.mean(axis=0)).ravel()
        best = np.argsort(-apart, kind="stable")[:WORDS_OF_A_TOPIC]
        named.append(tuple(str(vectors.words[n]) for n in best if apart[n] > 0))
    return Topics(named, topic, np.where(topic >= 0, weight, 0.0))
