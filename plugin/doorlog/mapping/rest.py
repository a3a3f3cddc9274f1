"""What no rule has kept: which members of which objects, and the code that gathers them."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from doorlog.mapping import model as m
from doorlog.mapping import values
from doorlog.mapping.body import Body
from doorlog.mapping.carry import Carry
from doorlog.mapping.code import branch, built, expression, literal, statements
from doorlog.mapping.plan import Keys, Leaf, Plan
from doorlog.mapping.reading import place
from doorlog.mapping.shapes import Shape

_TEXTS = (frozenset({"string"}), frozenset({"string", "null"}))


class Rests:
    """The rests of one plan. A value is the business of the rest with the longest path above it."""

    def __init__(self, body: Body, plan: Plan) -> None:
        self.body = body
        self.plan = plan
        self.leaves = [leaf for leaf in plan.leaves if isinstance(leaf.value, m.Rest)]
        self.owners = [_texts(leaf.value.path) for leaf in self.leaves if isinstance(leaf.value, m.Rest)]
        self.carried = {carry.keys for leaf in plan.leaves for carry in leaf.carries}
        self.kept: dict[Keys, set[str]] = {}
        """From an object's path to those of its members that the rest has nothing to do with as a whole."""
        for leaf in plan.leaves:
            for carry in leaf.carries:
                self._keep(carry.keys)
        for owner in self.owners:
            if owner:
                self._keep(owner)
        self.contested = {
            carry.keys: carry for leaf in plan.leaves for carry in leaf.carries if carry.keys in plan.contested
        }
        self.marks = {keys: body.new("m") for keys in self.contested if self._owner(keys) is not None}
        self.left = body.new("left") if any(leaf.carries for leaf in plan.leaves) else None
        self.appends = False
        """Whether any rule puts something into that list."""
        self.begun = 0
        self._certain: set[str] = set()
        """The names of rests that are known to hold something."""

    def _keep(self, keys: Keys) -> None:
        for end in range(len(keys)):
            self.kept.setdefault(keys[:end], set()).add(keys[end])

    def begin(self) -> None:
        """A mark for each contested value."""
        self.begun = len(self.body.block)
        for mark in self.marks.values():
            self.body.add("MARK = False", MARK=mark)

    def end(self) -> None:
        """Contested values that no rule has kept are left."""
        for carry, mark in ((self.contested[keys], mark) for keys, mark in self.marks.items()):
            test = built(ast.BoolOp, ast.And(), [built(ast.UnaryOp, ast.Not(), mark), self._there(carry)])
            self.body.block.append(branch(test, self._append(carry), []))

    def give_back(self, leaf: Leaf) -> list[ast.stmt]:
        """Puts the values that a leaf would have kept among what is left, as far as they are there."""
        found: list[ast.stmt] = []
        for carry in leaf.carries:
            if self._owner(carry.keys) is not None and carry.keys not in self.marks:
                found.append(branch(self._there(carry), self._append(carry), []))
        return found

    def undo(self, leaf: Leaf) -> list[ast.stmt]:
        """The same for a leaf whose object is taken away again."""
        marks = [self.marks[carry.keys] for carry in leaf.carries if carry.keys in self.marks]
        return self.give_back(leaf) + [one for mark in marks for one in statements("MARK = False", MARK=mark)]

    def unless_kept(self, leaf: Leaf, held: ast.expr) -> list[ast.stmt]:
        """After a leaf was written: a value is left over all the same if it can't be got back from the result."""
        found: list[ast.stmt] = []
        earlier: list[ast.expr] = []
        for carry in leaf.carries:
            value = self.body.places[carry.keys]
            kept: ast.expr = literal(True)
            told = self.body.shape.value(carry.keys) if self.body.shape is not None else None
            if carry.how == "canonical" and told in carry.canonical:
                kept = literal(True)
            elif carry.how == "canonical":
                canonical = self.body.globals.bind(carry.canonical)
                kept = expression("VALUE in CANONICAL", VALUE=value, CANONICAL=canonical)
            elif carry.how == "equal":
                # What was written keeps one value only, the first that it equals.
                other = [expression("VALUE != OTHER", VALUE=value, OTHER=one) for one in earlier]
                kept = expression("VALUE == HELD", VALUE=value, HELD=held)
                kept = built(ast.BoolOp, ast.And(), [kept, *other]) if other else kept
            earlier.append(value)
            if self._owner(carry.keys) is None:
                continue
            if carry.keys in self.marks:
                found.append(branch(kept, statements("MARK = True", MARK=self.marks[carry.keys]), []))
            elif not isinstance(kept, ast.Constant):
                lost = built(ast.BoolOp, ast.And(), [built(ast.UnaryOp, ast.Not(), kept), self._there(carry)])
                found.append(branch(lost, self._append(carry), []))
        return found

    def _there(self, carry: Carry) -> ast.expr:
        value = self.body.places[carry.keys]
        if self.body.types.get(str(carry.path)) in _TEXTS:
            return value
        present = self.body.globals.bind(values.present)
        return expression("VALUE is not None and PRESENT(VALUE)", PRESENT=present, VALUE=value)

    def _append(self, carry: Carry) -> list[ast.stmt]:
        assert self.left is not None, "only what is carried can be left"
        owner = self._owner(carry.keys)
        assert owner is not None
        self.appends = True
        return statements(
            "LEFT.append((OWNER, KEYS, VALUE))",
            LEFT=self.left,
            OWNER=literal(owner),
            KEYS=literal(carry.keys[len(self.owners[owner]) :]),
            VALUE=self.body.places[carry.keys],
        )

    def _owner(self, keys: Keys) -> int | None:
        found = [(len(owner), at) for at, owner in enumerate(self.owners) if keys[: len(owner)] == owner]
        return max(found)[1] if found else None

    # -- gathering ---------------------------------------------------------------------------------------------------

    def write(self, document: ast.Name, held: Mapping[str, ast.Name]) -> None:
        """Writes the rests into the finished document, as far as there is anything in them.

        `held` are the objects of the document that are always there, by their paths.
        """
        if self.appends and self.left is not None:
            # The list into which rules put the values that they could not write.
            self.body.block[self.begun : self.begun] = statements("LEFT = []", LEFT=self.left)
        for above in dict.fromkeys(leaf.path.rpartition(".")[0] for leaf in self.leaves):
            leaves = [leaf for leaf in self.leaves if leaf.path.rpartition(".")[0] == above and self._some(leaf)]
            if not above:
                for leaf in leaves:
                    self._one(document, leaf)
                continue
            first: list[tuple[ast.expr | None, ast.expr]] = []
            while leaves and (whole := self._whole(leaves[0])) is not None:
                first.append((literal(leaves.pop(0).path.rpartition(".")[2]), whole))
            holder = self.body.new("h")
            members = built(ast.Dict, [key for key, _ in first], [value for _, value in first])
            self.body.add("HOLDER = MEMBERS", HOLDER=holder, MEMBERS=members)
            for leaf in leaves:
                self._one(holder, leaf)
            place, _, last = above.rpartition(".")
            rules = [leaf.path for leaf in self.plan.leaves if leaf not in self.leaves]
            if place in held and not any(_leads(above, path) for path in rules):
                pattern = "PLACE[KEY] = HOLDER" if first else "if HOLDER: PLACE[KEY] = HOLDER"
                self.body.add(pattern, HOLDER=holder, PLACE=held[place], KEY=literal(last))
                continue
            found: ast.expr = document
            for step in place.split(".") if place else ():
                found = expression("PLACE.setdefault(KEY, {})", PLACE=found, KEY=literal(step))
            pattern = "if HOLDER: PLACE.setdefault(KEY, {}).update(HOLDER)"
            self.body.add(pattern, HOLDER=holder, PLACE=found, KEY=literal(last))

    def _some(self, leaf: Leaf) -> bool:
        """Whether there is anything that a rest is left of."""
        assert isinstance(leaf.value, m.Rest)
        return self.body.shape is None or not self.body.shape.lacks(leaf.value.path.keys)

    def _whole(self, leaf: Leaf) -> ast.Name | ast.Constant | None:
        """The object that a rest is, where no rule keeps anything of it and it is known to hold nothing empty."""
        assert isinstance(leaf.value, m.Rest)
        owner, shape = _texts(leaf.value.path), self.body.shape
        if shape is None or not shape.has(owner) or self.kept.get(owner) or not shape.members[owner]:
            return None
        if any((*owner, member) not in shape.sure | shape.truths for member in shape.members[owner]):
            return None
        return self.body.places[owner]

    def _one(self, holder: ast.Name, leaf: Leaf) -> None:
        assert isinstance(leaf.value, m.Rest)
        body, owner = self.body, _texts(leaf.value.path)
        rest = body.new("r")
        some = self._nested(owner, rest, None) if owner else self._members(owner, rest)
        mine = self.owners.index(owner)
        parts: dict[str, ast.expr] = {"REST": rest, "HOLDER": holder, "KEY": literal(leaf.path.rpartition(".")[2])}
        # In the order of the record, however it was put together.
        parts |= {"PLACE": body.places[owner], "ORDER": body.globals.bind(values.in_order)}
        order = "if REST: REST = ORDER(REST, PLACE)"
        write = statements("HOLDER[KEY] = REST" if rest.id in self._certain else "if REST: HOLDER[KEY] = REST", **parts)
        if not self._in_order(owner):
            write = statements(order, **parts) + write
        if self.appends and self.left is not None and any(self._owner(keys) == mine for keys in self.carried):
            put = statements(
                "REST = PUT(BEFORE, LEFT, OWNER)",
                REST=rest,
                BEFORE=rest if some else literal(None),
                PUT=body.globals.bind(values.put),
                LEFT=self.left,
                OWNER=literal(mine),
            )
            put += statements(order, **parts)
            body.block.append(branch(self.left, put if some else put + write, []))
        if some:
            body.block += write

    def _in_order(self, path: Keys) -> bool:
        """Whether what is left of an object is in its order as it is made."""
        return self.body.shape is not None and self.body.shape.has(path)

    def _members(self, path: Keys, rest: ast.Name) -> bool:
        """`rest` becomes what is left of the object at `path`; False if that is known to be nothing."""
        body = self.body
        shape = body.shape
        if shape is not None and shape.has(path):
            return self._of_shape(shape, path, rest)
        if not self.kept.get(path):
            body.add("REST = CLEAN(HOLDER)", REST=rest, HOLDER=body.places[path], CLEAN=body.globals.bind(values.clean))
        else:
            self._sift(path, rest)
        for member in sorted(self.kept.get(path, ())):
            below = (*path, member)
            if below in self.kept and below not in self.owners:
                self._nested(below, body.new("r"), (rest, member))
        return True

    def _of_shape(self, shape: Shape, path: Keys, rest: ast.Name) -> bool:
        """The same for an object of which a shape tells the members: each is left as it is, in part, or not at all."""
        body = self.body
        kept = self.kept.get(path, set())
        whole: list[str] = []
        parts: dict[str, ast.Name | ast.Constant] = {}
        for member in sorted(shape.left_to_keep(path)):
            below = (*path, member)
            if member in kept:
                inner = body.new("r")
                partly = below in self.kept and below not in self.owners and shape.has(below)
                if partly and self._of_shape(shape, below, inner):
                    parts[member] = inner
            elif below in shape.sure or below in shape.truths:
                whole.append(member)
            else:
                clean = expression("CLEAN(VALUE)", CLEAN=body.globals.bind(values.clean), VALUE=place(body, below))
                parts[member] = body.hoist(clean)
        if not whole and not parts:
            return False
        if len(whole) == len(shape.members[path]):
            body.add("REST = HOLDER", REST=rest, HOLDER=body.places[path])
        elif len(whole) == 1 and not parts:
            body.add("REST = {KEY: VALUE}", REST=rest, KEY=literal(whole[0]), VALUE=place(body, (*path, whole[0])))
        else:
            gather = "REST = {one: value for one, value in HOLDER.items() if one in LEFT}"
            left = body.globals.bind(frozenset([*whole, *parts]))
            body.add(gather, REST=rest, HOLDER=body.places[path], LEFT=left)
        certain = [part for part in parts.values() if isinstance(part, ast.Name) and part.id in self._certain]
        for member, part in parts.items():
            pattern = "if PART is None: del REST[KEY]\nelse: REST[KEY] = PART"
            if part in certain:
                pattern = "REST[KEY] = PART"
            body.add(pattern, PART=part, REST=rest, KEY=literal(member))
        if whole or certain:
            self._certain.add(rest.id)
        else:
            body.add("if not REST: REST = None", REST=rest)
        return True

    def _sift(self, path: Keys, rest: ast.Name) -> None:
        """`rest` becomes those members that aren't kept."""
        body = self.body
        kept = body.globals.bind(frozenset(self.kept[path]))
        gather = "REST = None if HOLDER.keys() <= KEPT else LEFT_OF(HOLDER, KEPT)"
        call = body.globals.bind(values.left_of)
        body.add(gather, REST=rest, HOLDER=body.places[path], KEPT=kept, LEFT_OF=call)

    def _nested(self, path: Keys, rest: ast.Name, into: tuple[ast.Name, str] | None) -> bool:
        """`rest` becomes what is left of whatever is at `path`; with `into`, it goes to a member of the rest above.

        False if that is known to be nothing, and nothing is written.
        """
        body = self.body
        held = body.places[path]
        outer, body.block = body.block, []
        some = self._members(path, rest)
        inner = body.block if some else statements("REST = None", REST=rest)
        body.block = []
        if into is None:
            whole = body.globals.bind(values.as_object)
            body.add("REST = WHOLE(PLACE) if PLACE is not None else None", REST=rest, WHOLE=whole, PLACE=held)
        else:
            body.add("REST = CLEAN(PLACE)", REST=rest, CLEAN=body.globals.bind(values.clean), PLACE=held)
        bare = body.block
        body.block = outer
        types = body.types.get(".".join(["$", *path]))
        if body.shape is not None and body.shape.has(path):
            if some:
                body.block += inner
                self._into(rest, into)
            return some
        if types is not None and types <= {"object", "null"}:
            bare = statements("REST = None", REST=rest)
            test: ast.expr = held
        else:
            test = expression("PLACE.__class__ is dict", PLACE=held)
        body.block.append(branch(test, inner, bare))
        self._into(rest, into)
        return True

    def _into(self, rest: ast.Name, into: tuple[ast.Name, str] | None) -> None:
        """Puts a rest into the rest of the object above, if there is anything in it."""
        if into is not None:
            above, member = into
            pattern = "if REST is not None:\n if ABOVE is None: ABOVE = {}\n ABOVE[MEMBER] = REST"
            self.body.add(pattern, REST=rest, ABOVE=above, MEMBER=literal(member))


def _leads(above: str, path: str) -> bool:
    """Whether a path is this one or below it."""
    return path == above or path.startswith(f"{above}.")


def _texts(path: m.Path) -> Keys:
    return tuple(str(key) for key in path.keys)
