"""Plausible, invented names of companies and people."""

from __future__ import annotations

import numpy as np

_FIRST = ["Alder", "Amber", "Anchor", "Ash", "Aspen", "Beacon", "Birch", "Blue", "Bracken", "Bridge", "Bright", "Brook", "Cedar", "Clear", "Cliff", "Cobalt", "Copper", "Coral", "Crane", "Delta", "Dune", "Eagle", "East", "Elm", "Ember", "Fair", "Falcon", "Fern", "Field", "Flint", "Fox", "Glen", "Gold", "Granite", "Green", "Grove", "Harbor", "Hazel", "Heron", "High", "Hill", "Iron", "Ivory", "Juniper", "Kestrel", "Lake", "Larch", "Laurel", "Linden", "Lone", "Maple", "Marsh", "Mill", "Moor", "North", "Oak", "Ocean", "Olive", "Opal", "Otter", "Pearl", "Pine", "Quarry", "Quill", "Raven", "Red", "Ridge", "River", "Rock", "Rowan", "Sable", "Sage", "Silver", "Slate", "South", "Spruce", "Stone", "Summit", "Swift", "Thorn", "Tide", "Umber", "Vale", "Vine", "West", "Willow", "Wind", "Wren"]
_SECOND = ["bank", "berg", "bay", "brook", "crest", "dale", "field", "ford", "gate", "grove", "ham", "haven", "hurst", "lake", "land", "ley", "line", "mark", "mere", "mont", "moor", "mouth", "path", "peak", "point", "port", "reach", "ridge", "rock", "shore", "side", "stead", "stone", "ton", "vale", "view", "ward", "water", "way", "well", "wick", "wood", "worth", "yard"]
_KIND = ["Analytics", "Associates", "Capital", "Care", "Components", "Dental", "Design", "Dynamics", "Education", "Energy", "Engineering", "Finance", "Foods", "Freight", "Group", "Health", "Holdings", "Hotels", "Industries", "Instruments", "Insurance", "Labs", "Legal", "Logistics", "Marine", "Materials", "Media", "Mobility", "Networks", "Optics", "Partners", "Pharma", "Plastics", "Retail", "Robotics", "Security", "Services", "Software", "Solutions", "Studios", "Supply", "Systems", "Textiles", "Tools", "Travel", "Ventures", "Works"]
_PEOPLE = ["Ana Almeida", "Ben Carter", "Chloe Dubois", "Daniel Okafor", "Elif Yilmaz", "Frida Lund", "Gabriel Costa", "Hana Sato", "Ivan Petrov", "Julia Weber", "Kofi Mensah", "Laura Rossi", "Mateusz Nowak", "Nadia Haddad", "Oscar Lindgren", "Priya Raman"]


def company_names(count: int, rng: np.random.Generator) -> list[str]:
    """`count` different invented company names."""
    room = len(_FIRST) * len(_SECOND) * len(_KIND)
    if count > room:
        raise ValueError(f"only {room} different company names exist, {count} were asked for")
    pick = rng.choice(room, size=count, replace=False)
    kind, rest = np.divmod(pick, len(_FIRST) * len(_SECOND))
    first, second = np.divmod(rest, len(_SECOND))
    return [f"{_FIRST[f]}{_SECOND[s]} {_KIND[k]}" for f, s, k in zip(first, second, kind, strict=True)]


def csm_names(accounts: int) -> list[str]:
    """The customer success managers that `accounts` customers need, at most sixteen."""
    return list(_PEOPLE[: int(np.clip(accounts // 100, 2, len(_PEOPLE)))])
