"""The code that builds one document: objects from leaves, guarded by the target's schema, and then the rest."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from doorlog.mapping import leaves
from doorlog.mapping import model as m
from doorlog.mapping.body import OTHER, Body
from doorlog.mapping.code import branch, built, expression, literal, statements
from doorlog.mapping.plan import Leaf, Plan
from doorlog.mapping.repeated import Written, gather, observe
from doorlog.mapping.rest import Rests
from doorlog.mapping.walk import facts_of

Tree: TypeAlias = "dict[str, Tree | Leaf]"


@dataclass(slots=True)
class Node:
    """The code of an object's member: its value, whether it is always there, and the constant if it is one."""

    code: ast.expr
    always: bool
    sure: frozenset[str] = frozenset()
    """Of an object, the members that are always there."""


class Document:
    """Builds the statements of one plan into a function's body."""

    def __init__(self, body: Body, plan: Plan) -> None:
        self.body = body
        self.plan = plan
        self.rests = Rests(body, plan)
        self.held: dict[str, ast.Name] = {}
        """Objects that are always there, by their paths, for what comes into them last."""
        later = [leaf.path for leaf in plan.leaves if isinstance(leaf.value, m.Rest)]
        later += [path for path, _ in plan.gathered]
        self._open = {step for path in later for step in _steps(path)}
        """Objects into which something comes after the rules."""
        self.watched = {path for _, paths in plan.gathered for path in paths} | {
            path for path, _, _ in plan.observables
        }

    def emit(self) -> ast.Name:
        """The statements of the whole document; the function returns the path where a required value can't be had."""
        body = self.body
        tree: Tree = {}
        order = self.plan.order
        for leaf in sorted(self.plan.leaves, key=lambda leaf: [order[step] for step in _steps(leaf.path)]):
            if not isinstance(leaf.value, m.Rest):
                _place(tree, leaf.path.split("."), leaf)
        self.rests.begin()
        written = Written()
        document = self.object("", tree, written)
        held = body.hoist(document.code)
        assert isinstance(held, ast.Name)
        self.rests.end()
        self.rests.write(held, self.held)
        self._required(tree, held, document.sure)
        gather(body, self.plan, held, written)
        observe(body, self.plan, held, written)
        return held

    def _required(self, tree: Tree, document: ast.Name, sure: frozenset[str]) -> None:
        """Returns the path of what the event as a whole can't do without, where it isn't there."""
        fixed = {key for key, below in tree.items() if isinstance(below, Leaf) and isinstance(below.value, m.Const)}
        fixed |= sure
        pattern = "if not ANY: return PATH"
        demands: list[tuple[str, tuple[str, ...]]]
        demands = [(path, (path.partition(".")[0],)) for path in sorted(self.plan.target.required())]
        demands += [(" or ".join(names), names) for names in self.plan.target.constraints_in("").values()]
        for path, names in demands:
            if path == "type_uid" or fixed & set(names):
                continue
            tests = [expression("KEY in DOC", KEY=literal(key), DOC=document) for key in names if key in tree]
            # A shape may leave nothing that could be there.
            anything = built(ast.BoolOp, ast.Or(), [*tests, literal(False)]) if tests else literal(False)
            self.body.add(pattern, ANY=anything, PATH=literal(path))

    # -- objects -----------------------------------------------------------------------------------------------------

    def object(self, path: str, tree: Tree, written: Written) -> Node:
        """An object's statements. Members stand in the order of the rules, whether they are always there or not."""
        body = self.body
        parts: list[tuple[str, Leaf | Node]] = []
        for key, below in tree.items():
            if isinstance(below, Leaf):
                parts += self._member(key, below, written)
                continue
            inner_path = f"{path}.{key}" if path else key
            inside = Written()
            node = self._shared(inner_path, self._whole(inner_path, self.object(inner_path, below, inside), inside))
            written.watched.update(inside.watched)
            written.kept += inside.kept
            written.sure |= inside.sure
            if node.always and isinstance(node.code, ast.Name) and not _is_global(node.code):
                self.held[inner_path] = node.code
            parts.append((key, node))
        first: list[tuple[str, ast.expr]] = []
        while parts and isinstance(part := parts[0][1], Node) and part.always:
            first.append((parts.pop(0)[0], part.code))
        if not parts and all(isinstance(code, ast.Constant | ast.Dict) or _is_global(code) for _, code in first):
            return Node(_dict(first), bool(first), frozenset(key for key, _ in first))
        demands = [*self.plan.target.required_in(path), *self.plan.target.constraints_in(path)]
        if not first and not demands and len(parts) == 1 and isinstance(only := parts[0][1], Node):
            inner = _dict([(parts[0][0], only.code)])
            return Node(body.hoist(expression("INNER if PART else None", INNER=inner, PART=only.code)), False)
        held = body.new("d")
        body.add("HELD = VALUE", HELD=held, VALUE=_dict(first))
        for key, part in parts:
            if isinstance(part, Leaf):
                self.leaf(held, key, part, written)
            else:
                pattern = "HELD[KEY] = PART" if part.always else "if PART: HELD[KEY] = PART"
                body.add(pattern, PART=part.code, HELD=held, KEY=literal(key))
        sure = [key for key, _ in first] + [key for key, part in parts if isinstance(part, Node) and part.always]
        return Node(held, bool(sure), frozenset(sure))

    def _member(self, key: str, leaf: Leaf, written: Written) -> list[tuple[str, Leaf | Node]]:
        """A leaf as members of its object, where it is always written; itself otherwise."""
        if isinstance(leaf.value, m.OtherText) and isinstance(leaf.value.text, m.Const) and leaf.value.text.value:
            leaf = replace(leaf, value=m.Const((OTHER, leaf.value.text.value), leaf.value.mark))
        if isinstance(leaf.value, m.Const):
            watched = leaf.path in self.watched
            held = self.body.constant(leaf.value.value) if leaf.carries or watched else literal(None)
            if self.rests.unless_kept(leaf, held):
                return [(key, leaf)]
            if watched and isinstance(held, ast.Constant):
                written.watched[leaf.path] = held
                written.sure.add(leaf.path)
            elif watched:
                return [(key, leaf)]
            written.kept += [leaf] if leaf.carries else []
            return self._constant(leaf)
        value = leaves.certain(self.body, self.plan, leaf)
        if value is None:
            return [(key, leaf)]
        if leaf.path in self.watched:
            written.watched[leaf.path] = value
            written.sure.add(leaf.path)
        written.kept += [leaf] if leaf.carries else []
        return [(key, Node(value, True))]

    def _whole(self, path: str, node: Node, written: Written) -> Node:
        """The object, or nothing where the schema's demands on it aren't met; its values then go to the rest."""
        target, body = self.plan.target, self.body
        tests: list[ast.expr] = []
        for required in target.required_in(path):
            if required not in node.sure:
                tests.append(expression("KEY in OBJ", KEY=literal(required), OBJ=node.code))
        for rule, members in target.constraints_in(path).items():
            inside = [expression("KEY in OBJ", KEY=literal(member), OBJ=node.code) for member in members]
            if rule == "just_one":
                tests.append(expression("sum(INSIDE) == 1", INSIDE=built(ast.Tuple, inside, ast.Load())))
            elif node.sure.isdisjoint(members):
                tests.append(built(ast.BoolOp, ast.Or(), inside))
        if isinstance(node.code, ast.Dict):
            known = {key.value for key in node.code.keys if isinstance(key, ast.Constant)}
            needed = set(target.required_in(path)) <= known
            ruled = all(known & set(members) for members in target.constraints_in(path).values())
            return node if needed and ruled else Node(literal(None), False)
        if not tests:
            return node
        held = body.hoist(node.code)
        assert isinstance(held, ast.Name)
        test = tests[0] if len(tests) == 1 else built(ast.BoolOp, ast.And(), tests)
        undo = [statement for leaf in written.kept for statement in self.rests.undo(leaf)]
        undo += [one for path in written.watched for one in self._forget(path, written)]
        undo += statements("HELD = None", HELD=held)
        body.block.append(branch(built(ast.UnaryOp, ast.Not(), test), undo, []))
        return Node(held, False)

    def _shared(self, path: str, node: Node) -> Node:
        """An object of constants alone is one that all events share, like a list, if nothing comes into it later."""
        if not isinstance(node.code, ast.Dict) or path in self._open or not node.always:
            return node
        names = self.body.globals.names
        held: dict[str, Any] = {}
        for key, code in zip(node.code.keys, node.code.values, strict=True):
            assert isinstance(key, ast.Constant) and isinstance(key.value, str)
            if isinstance(code, ast.Constant):
                held[key.value] = code.value
            elif isinstance(code, ast.Name) and _is_global(code):
                held[key.value] = names[code.id]
            else:
                return node
        return replace(node, code=self.body.globals.bind(held))

    def _forget(self, path: str, written: Written) -> list[ast.stmt]:
        """A watched value that was not written after all; others may use what it was, so it has a name of its own."""
        watched = self.body.new("w")
        self.body.add("W = HELD", W=watched, HELD=written.watched[path])
        written.watched[path] = watched
        written.sure.discard(path)
        return statements("W = None", W=watched)

    def _constant(self, leaf: Leaf) -> list[tuple[str, Leaf | Node]]:
        assert isinstance(leaf.value, m.Const)
        last = leaf.path.rpartition(".")[2]
        value = leaf.value.value
        if leaf.attribute.sibling is None or not isinstance(value, tuple):
            return [(last, Node(self.body.constant(value), True))]
        number, caption = value
        found: list[tuple[str, ast.expr]] = [
            (last, literal(number)),
            (leaf.attribute.sibling.rpartition(".")[2], literal(caption)),
        ]
        if leaf.path == "activity_id":
            class_uid = self.plan.target.class_uid  # type: ignore[union-attr]
            type_uid = class_uid * 100 + int(str(number))
            found += [("type_uid", literal(type_uid)), ("type_name", literal(self._type_names()[type_uid]))]
        return [(key, Node(code, True)) for key, code in found]

    def _type_names(self) -> dict[int | str, str]:
        return dict(self.plan.target.captions("type_uid"))  # type: ignore[union-attr]

    # -- leaves ------------------------------------------------------------------------------------------------------

    def leaf(self, holder: ast.Name, key: str, leaf: Leaf, written: Written) -> None:
        """The statements that write one leaf into its object."""
        body, scope = self.body, self.plan.scope
        if isinstance(leaf.value, m.Each):
            self._each(holder, key, leaf)
            return
        if leaf.attribute.sibling is not None and leaf.attribute.values is not None:
            self._enum(holder, key, leaf, body.hoist(body.value(leaf.value, scope)))
            return
        if isinstance(leaf.value, m.Const):
            held: ast.expr = body.constant(leaf.value.value)
            test: ast.expr = literal(True)
        else:
            held, test = leaves.fitting(body, self.plan, leaf)
        surely = self._surely(leaf, test, held)
        if leaf.path in self.watched:
            if test is not held or not isinstance(held, ast.Name):
                watched = body.new("w")
                body.add("W = HELD if TEST else None", W=watched, HELD=held, TEST=test)
                held = test = watched
            written.watched[leaf.path] = held
        write = statements("HOLDER[KEY] = HELD", HOLDER=holder, KEY=literal(key), HELD=held)
        otherwise: list[ast.stmt] = []
        if leaf.carries:
            written.kept.append(leaf)
            write += self.rests.unless_kept(leaf, held)
            if not surely:
                otherwise = self.rests.give_back(leaf)
        body.block += write if isinstance(leaf.value, m.Const) else [branch(test, write, otherwise)]

    def _surely(self, leaf: Leaf, test: ast.expr, held: ast.expr) -> bool:
        """Whether the leaf is written whenever its value is there."""
        own = (self.body.places.get(carry.keys) for carry in leaf.carries if carry.how == "whole")
        return test is held and [place is held for place in own] == [True] * len(leaf.carries)

    def _enum(self, holder: ast.Name, key: str, leaf: Leaf, pair: ast.expr) -> None:
        body = self.body
        assert leaf.attribute.sibling is not None
        caption = self.plan.target.attribute(leaf.attribute.sibling)
        if caption is not None and caption.max_length is not None:
            pattern = "PAIR if PAIR and len(PAIR[1]) <= MOST else None"
            pair = body.hoist(expression(pattern, PAIR=pair, MOST=literal(caption.max_length)))
        parts = {"PAIR": pair, "HOLDER": holder, "KEY": literal(key)}
        pattern = "if PAIR: HOLDER[KEY], HOLDER[SIBLING] = PAIR"
        body.add(pattern, **parts, SIBLING=literal(leaf.attribute.sibling.rpartition(".")[2]))
        if leaf.path == "activity_id":
            class_uid = self.plan.target.class_uid  # type: ignore[union-attr]
            body.add(
                "if PAIR:\n HOLDER['type_uid'] = UID + PAIR[0]\n HOLDER['type_name'] = NAMES[UID + PAIR[0]]",
                PAIR=pair,
                HOLDER=holder,
                UID=literal(class_uid * 100),
                NAMES=body.globals.bind(self._type_names()),
            )

    def _each(self, holder: ast.Name, key: str, leaf: Leaf) -> None:
        """A loop over a list that appends an object for every element; facts are computed before it."""
        body, scope = self.body, self.plan.scope
        assert isinstance(leaf.value, m.Each)
        source = body.hoist(body.value(leaf.value.source, scope))
        for part in leaf.fields:
            for fact in sorted(facts_of(part.value, scope)):
                body.value(m.Name(fact, leaf.value.mark), scope)
                body.text(m.Name(fact, leaf.value.mark), scope)
        listed = body.new("o")
        body.add("LISTED = []", LISTED=listed)
        outer, body.block = body.block, []
        body.looping = True
        tree: Tree = {}
        for part in leaf.fields:
            _place(tree, part.path.removeprefix(f"{leaf.path}.").split("."), part)
        inside = Written()
        node = self._whole(leaf.path, self.object(leaf.path, tree, inside), inside)
        body.add("if PART: LISTED.append(PART)", PART=node.code, LISTED=listed)
        inner, body.block, body.looping = body.block, outer, False
        items = expression("SOURCE if SOURCE.__class__ is list else ()", SOURCE=source)
        body.block.append(built(ast.For, built(ast.Name, "item", ast.Store()), items, inner, []))
        body.add("if LISTED: HOLDER[KEY] = LISTED", LISTED=listed, HOLDER=holder, KEY=literal(key))


def _steps(path: str) -> list[str]:
    """A path and those that lead to it, the shortest first."""
    steps = path.split(".")
    return [".".join(steps[:end]) for end in range(1, len(steps) + 1)]


def _place(tree: Tree, keys: Sequence[str], leaf: Leaf) -> None:
    *above, last = keys
    for key in above:
        below = tree.setdefault(key, {})
        assert isinstance(below, dict), leaf.path
        tree = below
    tree[last] = leaf


def _dict(members: Sequence[tuple[str, ast.expr]]) -> ast.Dict:
    return built(ast.Dict, [literal(key) for key, _ in members], [code for _, code in members])


def _is_global(code: ast.expr) -> bool:
    return isinstance(code, ast.Name) and code.id.startswith("k")
