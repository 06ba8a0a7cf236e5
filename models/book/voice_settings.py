"""Who is ready for a reference, what customers say, who stays and who leaves, as params.yaml sets it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rind.common.settings import Count, Days, NotNegative, OpenShare, Positive, Section, Share


class AdvocateSettings(Section):
    """Who is ready to be asked for a reference, and who to be offered more.

    Parameters
    ----------
    promoter_from
        Least score of the last NPS answer, 0 to 10.
    nps_days
        Days after which an answer is too old.
    safest_share
        Share of the segment's accounts with the lowest churn probability that may be asked.
    most_active_share
        Share of the segment's accounts with the most use of their seats that may be asked.
    contact_days
        Days since the last two-way contact, at most.
    youngest_days
        Days that an account must have been a customer.
    survey_rest_days, reference_rest_days
        Days without a survey, and without a request for a reference, before the account is asked.
    reference_playbooks
        Playbooks of the table interventions that ask for a reference.
    seats_used_from
        Share of the seats in use from which on they are nearly used up.
    higher_features_from
        Product features of a dearer plan that were used, at least.
    higher_use_days
        Days within which they were used.
    times_usual_expansion
        Times the mean probability of expansion that an account must reach, where the list has that probability.
    """

    promoter_from: Annotated[float, Field(ge=0, le=10)]
    nps_days: Days
    safest_share: Share
    most_active_share: Share
    contact_days: Days
    youngest_days: Annotated[int, Field(ge=0)]
    survey_rest_days: Annotated[int, Field(ge=0)]
    reference_rest_days: Annotated[int, Field(ge=0)]
    reference_playbooks: tuple[str, ...]
    seats_used_from: Positive
    higher_features_from: Count
    higher_use_days: Days
    times_usual_expansion: NotNegative


class VoiceSettings(Section):
    """How topics are found in what customers say.

    Parameters
    ----------
    days
        Days of the past whose texts are read.
    most_topics
        Topics, at most.
    fewest_texts
        Texts without which no topic is looked for.
    fewest_texts_a_topic, fewest_accounts
        Texts, and accounts, that a topic must have; a word that fewer accounts have said names none.
    most_common_share
        Share of the texts beyond which a word is too common to name a topic.
    sentences
        Typical sentences of a topic that are shown, at most.
    error_rate
        Chance of calling any topic's risk, or movement, more than chance where there is none.
    """

    days: Days
    most_topics: Count
    fewest_texts: Count
    fewest_texts_a_topic: Count
    fewest_accounts: Annotated[int, Field(ge=2)]
    most_common_share: OpenShare
    sentences: Annotated[int, Field(ge=0)]
    error_rate: OpenShare


class PersonaSettings(Section):
    """How traits of those who leave and those who stay are searched.

    Parameters
    ----------
    days
        Days of the past whose departures and answers make the groups.
    search_share
        Share of the accounts, those that signed earlier, that are searched; the later ones confirm.
    fewest_accounts
        Accounts that a rule must hold among either part.
    alpha
        Error rate of the whole search, and of all confirmations together.
    most_rules
        Rules of a group that go to the confirmation, at most.
    permutations
        Of the search.
    """

    days: Days
    search_share: OpenShare
    fewest_accounts: Annotated[int, Field(ge=2)]
    alpha: OpenShare
    most_rules: Count
    permutations: Annotated[int, Field(ge=20)]
