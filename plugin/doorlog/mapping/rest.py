"""What no rule has kept: which members of which objects, and the code that gathers them where the mapping wants them."""

from __future__ import annotations

import ast

from doorlog.mapping import model as m
from doorlog.mapping import values
from doorlog.mapping.body import Body
from doorlog.mapping.code import branch, expression, literal, statements
from doorlog.mapping.plan import Leaf, Plan

Keys = tuple[str, ...]
_TEXTS = (frozenset({"string"}), frozenset({"string", "null"}))


class Rests:
    """The rests of one plan. A value is the business of the rest with the longest path above it."""

    def __init__(self, body: Body, plan: Plan) -> None:
        self.body = body
        self.owners = [_texts(leaf.value.path) for leaf in plan.leaves if isinstance(leaf.value, m.Rest)]
        self.kept: dict[Keys, set[str]] = {}
        """From an object's path to those of its members that the rest has nothing to do with as a whole."""
        for leaf in plan.leaves:
            if leaf.carry is not None:
                self._keep(leaf.carry.keys)
        for owner in self.owners:
            if owner:
                self._keep(owner)
        self.left = body.new("left") if any(leaf.carry is not None for leaf in plan.leaves) else None

    def _keep(self, keys: Keys) -> None:
        for end in range(len(keys)):
            self.kept.setdefault(keys[:end], set()).add(keys[end])

    def begin(self) -> None:
        """The list into which rules put the values that they could not write."""
        if self.left is not None and self.owners:
            self.body.add("LEFT = []", LEFT=self.left)

    def give_back(self, leaf: Leaf) -> list[ast.stmt]:
        """Puts the value that a leaf would have kept among what is left, if there is one."""
        if leaf.carry is None:
            return []
        value = self.body.places[leaf.carry.keys]
        sure = self.body.types.get(str(leaf.carry.path)) in _TEXTS
        test = value if sure else expression("P(VALUE)", P=self.body.globals.bind(values.present), VALUE=value)
        return [branch(test, self._append(leaf), [])] if self._owner(leaf.carry.keys) is not None else []

    def if_present(self, leaf: Leaf) -> list[ast.stmt]:
        """The same, for the case that the leaf was not written."""
        return self.give_back(leaf)

    def unless_kept(self, leaf: Leaf, held: ast.expr) -> list[ast.stmt]:
        """After a leaf was written: its value is left over all the same if it can't be got back from the result."""
        carry = leaf.carry
        if carry is None or carry.how in ("whole", "given") or self._owner(carry.keys) is None:
            return []
        value = self.body.places[carry.keys]
        if carry.how == "canonical":
            canonical = self.body.globals.bind(carry.canonical)
            test = expression("VALUE not in CANONICAL", VALUE=value, CANONICAL=canonical)
        else:
            test = expression("VALUE != HELD", VALUE=value, HELD=held)
        return [branch(test, self._append(leaf), [])]

    def _append(self, leaf: Leaf) -> list[ast.stmt]:
        assert leaf.carry is not None and self.left is not None
        keys = leaf.carry.keys
        owner = self._owner(keys)
        assert owner is not None
        return statements(
            "LEFT.append((OWNER, KEYS, VALUE))",
            LEFT=self.left,
            OWNER=literal(owner),
            KEYS=literal(keys[len(self.owners[owner]) :]),
            VALUE=self.body.places[keys],
        )

    def _owner(self, keys: Keys) -> int | None:
        found = [(len(owner), at) for at, owner in enumerate(self.owners) if keys[: len(owner)] == owner]
        return max(found)[1] if found else None

    # -- gathering ---------------------------------------------------------------------------------------------------

    def write(self, holder: ast.Name, key: str, leaf: Leaf) -> None:
        """Writes one rest into the document, if there is anything in it."""
        assert isinstance(leaf.value, m.Rest)
        body, owner = self.body, _texts(leaf.value.path)
        rest = body.new("r")
        if owner:
            self._nested(owner, rest, None)
        else:
            self._members(owner, rest)
        if self.left is not None:
            pattern = "if LEFT: REST = PUT(REST, LEFT, OWNER)"
            put = body.globals.bind(values.put)
            body.add(pattern, LEFT=self.left, REST=rest, PUT=put, OWNER=literal(self.owners.index(owner)))
        body.add("if REST: HOLDER[KEY] = REST", REST=rest, HOLDER=holder, KEY=literal(key))

    def _members(self, path: Keys, rest: ast.Name) -> None:
        """`rest` becomes what is left of the object at `path`, which is known to be one."""
        body = self.body
        kept = body.globals.bind(frozenset(self.kept.get(path, ())))
        gather = "REST = None if HOLDER.keys() <= KEPT else LEFT_OF(HOLDER, KEPT)"
        call = body.globals.bind(values.left_of)
        body.add(gather, REST=rest, HOLDER=body.places[path], KEPT=kept, LEFT_OF=call)
        for member in sorted(self.kept.get(path, ())):
            below = (*path, member)
            if below in self.kept and below not in self.owners:
                self._nested(below, body.new("r"), (rest, member))

    def _nested(self, path: Keys, rest: ast.Name, into: tuple[ast.Name, str] | None) -> None:
        """`rest` becomes what is left of whatever is at `path`; with `into`, it goes to a member of the rest above."""
        body = self.body
        place = body.places[path]
        outer, body.block = body.block, []
        self._members(path, rest)
        inner = body.block
        body.block = []
        if into is None:
            whole = body.globals.bind(values.as_object)
            body.add("REST = WHOLE(PLACE)", REST=rest, WHOLE=whole, PLACE=place)
        else:
            body.add("REST = CLEAN(PLACE)", REST=rest, CLEAN=body.globals.bind(values.clean), PLACE=place)
        bare = body.block
        body.block = outer
        types = body.types.get(".".join(["$", *path]))
        if types is not None and types <= {"object", "null"}:
            bare = statements("REST = None", REST=rest)
            test: ast.expr = place
        else:
            test = expression("PLACE.__class__ is dict", PLACE=place)
        body.block.append(branch(test, inner, bare))
        if into is not None:
            above, member = into
            pattern = "if REST is not None:\n if ABOVE is None: ABOVE = {}\n ABOVE[MEMBER] = REST"
            body.add(pattern, REST=rest, ABOVE=above, MEMBER=literal(member))


def _texts(path: m.Path) -> Keys:
    return tuple(str(key) for key in path.keys)
