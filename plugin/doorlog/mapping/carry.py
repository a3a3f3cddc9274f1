"""Which value of the record an expression keeps, so that the rest need not hold it as well.

Kept means verbatim, or so that it can be got back. A value that went through a table, a template or a condition on
something else is not kept by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from doorlog.mapping import model as m
from doorlog.mapping.fold import Scope
from doorlog.mapping.functions import FUNCTIONS

How = Literal["whole", "given", "equal", "canonical"]


@dataclass(frozen=True, slots=True)
class Carry:
    """The path that a rule keeps, and when: always ("whole"), or if the result is given, equal, or of a canonical value."""

    keys: tuple[str, ...]
    path: m.Path
    how: How
    canonical: frozenset[str | bool] = frozenset()

    @property
    def always(self) -> bool:
        """Whether the value is kept whatever it is, as long as the target takes it."""
        return self.how == "whole"


def carried(value: m.Expr, scope: Scope) -> Carry | None:
    """What a folded expression keeps, or None."""
    match value:
        case m.Path(keys, _):
            texts = tuple(key for key in keys if isinstance(key, str))
            return Carry(texts, value, "whole") if len(texts) == len(keys) and keys else None
        case m.Name("item", _):
            return None
        case m.Name(name, mark):
            return carried(scope.fact(name, mark), scope)
        case m.First(options, _):
            # If the first option is there it is what is written; if it isn't, nothing of it needs keeping.
            held = carried(options[0], scope)
            return held if held is not None and held.how == "whole" else None
        case m.Drop(source, _, _):
            held = carried(source, scope)
            return Carry(held.keys, held.path, "given") if held is not None and held.how == "whole" else None
        case m.When(_, then, m.Const(None, _), _):
            held = carried(then, scope)
            return Carry(held.keys, held.path, "given") if held is not None and held.how == "whole" else None
        case m.Apply(function, source, _, _):
            held = carried(source, scope)
            known = FUNCTIONS[function]
            if held is None or held.how != "whole":
                return None
            if known.canonical:
                return Carry(held.keys, held.path, "canonical", known.canonical)
            if known.keeps == "never":
                return None
            return Carry(held.keys, held.path, "given" if known.keeps == "if given" else "equal")
        case _:
            return None
