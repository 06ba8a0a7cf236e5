"""The parts of a typed record that may be null, by its type, and the words that a page must never have for them."""

from __future__ import annotations

import copy
import types
from collections.abc import Callable, Iterator
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from benchmarks.fuzz import ODD_WORDS, text_of

Place = tuple[str | int, ...]


def nullable(value: Any, kind: Any, place: Place = ()) -> Iterator[Place]:
    """The places below a value of this type that its type lets be None; of lists the first two members."""
    if get_origin(kind) in (Union, types.UnionType):
        if types.NoneType in get_args(kind):
            yield place
        (kind, *_) = [part for part in get_args(kind) if part is not types.NoneType]
    if value is None:
        return
    if is_typeddict(kind):
        for name, of in get_type_hints(kind).items():
            if name in value:
                yield from nullable(value[name], of, (*place, name))
    elif get_origin(kind) is dict:
        for name, member in value.items():
            yield from nullable(member, get_args(kind)[1], (*place, name))
    elif get_origin(kind) is list:
        for number, member in enumerate(value[:2]):
            yield from nullable(member, get_args(kind)[0], (*place, number))


def without(record: Any, place: Place) -> Any:
    """A copy of the record with null in this place."""
    changed = copy.deepcopy(record)
    holder = changed
    for name in place[:-1]:
        holder = holder[name]
    holder[place[-1]] = None
    return changed


def broken_by_null(record: Any, kind: Any, page_of: Callable[[Any], str]) -> list[str]:
    """Each place whose null the page does not take, or writes as a program would."""
    complaints = {place: complaint_of(page_of, without(record, place)) for place in nullable(record, kind)}
    return [f"{'.'.join(map(str, place))}: {words}" for place, words in complaints.items() if words]


def complaint_of(page_of: Callable[[Any], str], record: Any) -> str:
    """What is wrong with the page of a record; "" where nothing is."""
    try:
        text = text_of(page_of(record))
    except Exception as error:  # noqa: BLE001  whatever it is, it is what is looked for
        return f"{type(error).__name__}: {error}"
    odd = ODD_WORDS.search(text)
    return "" if odd is None else " ".join(text[max(0, odd.start() - 40) : odd.end() + 20].split())
