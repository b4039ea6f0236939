"""Where a family enters itself, so that it is found by its name."""

import re
from typing import TYPE_CHECKING, TypeVar

from aecore.errors import LabError

if TYPE_CHECKING:
    from aecore.families.base import Model

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
REGISTRY: "dict[str, type[Model]]" = {}

Family = TypeVar("Family", bound="type[Model]")


def register(family: Family) -> Family:
    """Enter a family under its name; as a decorator of its class.

    Raises:
        LabError: for a name that is none or is taken, or a class that does not say its title.
    """
    name = getattr(family, "name", None)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise LabError(
            f"A family's name has up to 31 of a-z, 0-9 and hyphens, unlike {name!r:.80}."
        )
    if missing := [part for part in ("title", "short", "summary") if not hasattr(family, part)]:
        raise LabError(f"The family {name!r} does not say its {missing[0]}.")
    taken = REGISTRY.get(name)
    if taken is not None and taken.__qualname__ != family.__qualname__:
        raise LabError(f"There is a family {name!r} already: {taken.__qualname__}.")
    REGISTRY[name] = family
    ordered = sorted(REGISTRY.items(), key=lambda entry: (entry[1].place, entry[0]))
    REGISTRY.clear()
    REGISTRY.update(ordered)
    return family
