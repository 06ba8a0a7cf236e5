"""From claims to a person with a role."""

from __future__ import annotations

from typing import Any

import pytest
from company_login import oidc
from hypothesis import given
from hypothesis import strategies as st

from rind.serving.access.company_login.claims import NO_BOOK, NO_GROUP, NotLetInError, claim_of, identity_of
from rind.serving.access.principals import Identity

ADA: dict[str, Any] = {"sub": "00u1", "email": "ada@acme.example", "name": "Ada Byron", "groups": ["board"]}


def test_a_person_is_named_by_the_mail_address_and_has_the_role_of_the_group() -> None:
    assert identity_of(ADA, oidc()) == Identity("00u1", "ada@acme.example", "viewer")


@pytest.mark.parametrize(
    ("groups", "role"),
    [(["board", "rind-admins", "cs"], "admin"), (["cs", "board"], "csm"), ("board", "viewer"), (("board",), "viewer"),
     ([None, 3, {"name": "cs"}, "board"], "viewer")],
)  # fmt: skip
def test_of_several_groups_the_highest_role_counts_and_a_group_may_stand_alone(groups: Any, role: str) -> None:
    assert identity_of(ADA | {"groups": groups}, oidc()).role == role


@pytest.mark.parametrize("groups", [None, [], "", {}, 7, True, ["Board"], ["board "], "board cs", {"board": True}])
def test_without_a_mapped_group_nobody_is_let_in(groups: Any) -> None:
    with pytest.raises(NotLetInError) as caught:
        identity_of(ADA | {"groups": groups}, oidc())
    assert (caught.value.who, caught.value.reason) == ("ada@acme.example", NO_GROUP)


def test_a_csm_has_the_book_that_the_claim_names_and_without_a_name_is_not_let_in() -> None:
    settings = oidc(csm_claim="rind.book")
    assert identity_of(ADA | {"groups": ["cs"], "rind": {"book": " Ada B. "}}, settings).csm == "Ada B."
    for value in (None, "", " ", 7, "a\nb", "x" * 201):
        with pytest.raises(NotLetInError, match=NO_BOOK[:30]):
            identity_of(ADA | {"groups": ["cs"], "rind": {"book": value}}, settings)
    assert identity_of(ADA | {"groups": ["cs", "rind-admins"]}, settings).csm == ""


@pytest.mark.parametrize(
    ("claims", "who"),
    [({"email_verified": True}, "ada@acme.example"), ({"email_verified": False}, "Ada Byron (00u1)"),
     ({"email_verified": "false"}, "Ada Byron (00u1)"), ({"email_verified": "False"}, "Ada Byron (00u1)"),
     ({"email": None}, "Ada Byron (00u1)"),
     ({"email": "ada"}, "Ada Byron (00u1)"), ({"email": "jonas (company login) x@y"}, "Ada Byron (00u1)"),
     ({"email": 7, "name": None}, "00u1"), ({"email": "a@b\n", "name": "\u202eadA"}, "a@b"),
     ({"email": "", "name": "\u202eadA", "sub": "a\nb"}, "'a\\nb'")],
)  # fmt: skip
def test_the_mail_address_names_a_person_where_it_is_one_and_is_not_unverified(claims: Any, who: str) -> None:
    assert identity_of(ADA | claims, oidc()).name == who


@pytest.mark.parametrize("email_claim", ["email", "mail"])
def test_an_address_that_nobody_verified_names_neither_a_book_nor_a_person(email_claim: str) -> None:
    settings = oidc(email_claim=email_claim, name_claim="email", csm_claim=email_claim)
    claims = ADA | {"mail": "ada@acme.example", "groups": ["cs"]}
    assert identity_of(claims, settings).csm == "ada@acme.example"
    with pytest.raises(NotLetInError, match=NO_BOOK[:30]) as caught:
        identity_of(claims | {"email_verified": False}, settings)
    assert caught.value.who == "00u1"


def test_a_claim_within_a_claim_is_found_and_a_claim_with_dots_comes_first() -> None:
    claims = {"realm_access": {"roles": ["cs"]}, "https://acme.example/groups": ["board"]}
    assert claim_of(claims, "realm_access.roles") == ["cs"]
    assert claim_of(claims, "https://acme.example/groups") == ["board"]
    assert claim_of(claims, "realm_access.roles.first") is None
    assert claim_of({}, "a.b") is None


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from(["board", "cs"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.fixed_dictionaries(dict.fromkeys(("sub", "email", "name", "groups", "email_verified"), VALUES)))
def test_any_claims_give_a_printable_person_or_are_refused(claims: dict[str, Any]) -> None:
    who, role, csm = "", "", ""
    try:
        identity = identity_of(claims, oidc())
        who, role, csm = identity.name, identity.role, identity.csm
    except NotLetInError as error:
        who = error.who
    assert who
    assert who.isprintable()
    assert (role == "csm") == bool(csm)
