"""Statements in their order: sizes, definitions, loops over time, temporaries, results."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sympy import Indexed, expand

from gradcheck.derivations.calculus.terms import Definition, Setting, name_of, plain, tensors_in
from gradcheck.derivations.forms.numpy_code import code as py
from gradcheck.derivations.forms.numpy_code.arrays import Letters, aligned, number
from gradcheck.derivations.forms.numpy_code.code import Code, atom
from gradcheck.derivations.forms.numpy_code.entries import filled
from gradcheck.derivations.forms.numpy_code.layout import wrapped
from gradcheck.derivations.forms.numpy_code.names import Names
from gradcheck.derivations.forms.numpy_code.sizes import size_lines
from gradcheck.derivations.forms.numpy_code.writer import Writer
from gradcheck.derivations.forms.order import tidy


@dataclass(frozen=True)
class Assign:
    """`target = code`"""

    target: str
    code: Code


@dataclass(frozen=True)
class Loop:
    """`for counter in range(length):` or from the last to the first."""

    counter: str
    length: Code
    backward: bool
    body: tuple[Assign, ...]


Statement = Assign | Loop


class Program:
    """Collects statements that compute named tensors from given ones.

    shapes  arrays that are not read, but that sizes may be taken from
    """

    def __init__(self, setting: Setting, given: Iterable[str], shapes: Iterable[str] = ()) -> None:
        self.setting = setting
        self.given = tuple(given)
        self.shapes = tuple(shapes)
        self.names = Names(dict.fromkeys([*self.given, *setting.indices]), setting.sizes)
        self.writer = Writer(setting, self.names)
        self.statements: list[Statement] = []
        self._ready = {*self.given}

    def define(self, name: str) -> None:
        """Computes a tensor by its definition, and first what that mentions."""
        if name in self._ready:
            return
        if name not in self.setting.definitions:
            raise NotImplementedError(f"{name} is neither given nor defined")
        group = [n for n in self._reached(name) if name in self._reached(n)] or [name]
        self._ready |= {*group}
        for member in group:
            for needed in self._mentioned(member):
                self.define(needed)
        definitions = [self.setting.definitions[n] for n in group]
        if len(group) > 1 or definitions[0].recursive:
            self.statements += recursion(self.writer, definitions)
        else:
            self.assign(definitions[0].lhs, definitions[0].rhs)

    def require(self, expr: Any) -> None:
        """Computes all that an expression mentions."""
        for name in self._tensors(expr):
            self.define(name)

    def assign(self, lhs: Any, rhs: Any) -> str:
        """Computes an entry for all values of its letters; the name of the array."""
        name = self.names.tensors.get(name_of(lhs)) or self.names.new(name_of(lhs))
        self.names.tensors[name_of(lhs)] = name
        letters = tuple(lhs.indices) if isinstance(lhs, Indexed) else ()
        self.statements.append(Assign(name, whole(self.writer, readable(rhs), letters)))
        return name

    def lines(self) -> list[str]:
        """The source, one line after the other."""
        body = with_temporaries(self.statements, self.names)
        lines = [*self._size_lines(body), *(line for s in body for line in _lines(s))]
        return [part for line in lines for part in wrapped(line)]

    def _mentioned(self, name: str) -> list[str]:
        definition = self.setting.definitions[name]
        outside = [] if definition.outside is None else self._tensors(definition.outside)
        return [*self._tensors(definition.rhs), *outside]

    def _tensors(self, expr: Any) -> list[str]:
        """Tensors that an expression mentions, in the order of the setting."""
        found = tensors_in(expr)
        return [name for name in self.setting.indices if name in found]

    def _reached(self, name: str) -> list[str]:
        """All definitions that a definition depends on; itself only if it comes back to it."""
        found: dict[str, None] = {}
        ahead = [name]
        while ahead:
            for other in self._mentioned(ahead.pop()):
                open_ = other in self.setting.definitions and other not in self.given
                if open_ and other not in found:
                    found[other] = None
                    ahead.append(other)
        return [*found]

    def _size_lines(self, body: Sequence[Statement]) -> list[str]:
        used = {c.template for s in body for root in _codes(s) for c in root.within()}
        wanted = [name for name, spelled in self.names.sizes.items() if spelled in used]
        return size_lines(wanted, (*self.given, *self.shapes), self.setting.parameters, self.writer)


def readable(expr: Any) -> Any:
    """What SymPy has sorted in a reader's order; what an author wrote as it is."""
    return tidy(expr) if plain(expr) == expr else expr


def whole(writer: Writer, expr: Any, letters: Letters) -> Code:
    """The code of an expression with all the axes of a left side, and an array of its own."""
    array = number(writer.array(expr, letters))
    if {*array.axes} != {*letters}:
        lengths = [writer.length(i.lower, i.upper) for i in letters]
        code = filled(aligned(array, letters), lengths)
        return code if code.template.startswith("np.zeros") else py.method("{}.copy()", code)
    code = base = aligned(array, letters)
    while base.parts and not base.work:  # a view: of something computed here, or of a tensor?
        base = base.parts[0][0]
    return code if base.work or not letters else py.method("{}.copy()", code)


def recursion(writer: Writer, group: Sequence[Definition]) -> list[Statement]:
    """A loop over the first axis that fills the arrays of definitions that need each other."""
    own = {d.name for d in group}
    times = tuple(d.indices[0] for d in group if d.indices)
    if len(times) != len(group) or len({(i.lower, i.upper) for i in times}) > 1:
        raise NotImplementedError(f"{', '.join(own)} depend on each other without a common axis")
    offsets = {d.name: _offsets(d, own) for d in group}
    steps = {expand(o) for found in offsets.values() for _, o in found}
    backward = any(o.is_positive for o in steps)
    if not all(o.is_Integer for o in steps) or (backward and any(o.is_negative for o in steps)):
        raise NotImplementedError(f"{', '.join(own)} look both ways along their first axis")
    length = writer.length(times[0].lower, times[0].upper)
    counter = writer.names.counter(str(times[0]))
    made: list[Statement] = [
        Assign(
            writer.names.tensors[d.name],
            filled(atom("0"), [writer.length(i.lower, i.upper) for i in d.indices]),
        )
        for d in group
    ]
    body: list[Assign] = []
    with writer.loop(times, counter):
        for d in _in_step_order(group, offsets):
            code = aligned(number(writer.array(readable(d.rhs), d.indices[1:])), d.indices[1:])
            body.append(Assign(f"{writer.names.tensors[d.name]}[{counter}]", code))
    return [*made, Loop(counter, length, backward, tuple(body))]


def with_temporaries(statements: Sequence[Statement], names: Names) -> list[Statement]:
    """The same with a name for everything that is computed twice, before its first use."""
    counts: Counter[Code] = Counter()
    for statement in statements:
        for root in _codes(statement):
            _count(root, counts)
    known: dict[Code, str] = {}
    result: list[Statement] = []
    for statement in statements:
        if isinstance(statement, Assign):
            new = [*_named(statement, counts, known, names)]
            result += [_assigned(assign, known) for assign in new]
        else:
            result += _named_in_loop(statement, counts, known, names)
    return result


def _named_in_loop(
    loop: Loop, counts: Counter[Code], known: dict[Code, str], names: Names
) -> Iterator[Statement]:
    """What does not change in the loop goes before it; the rest is forgotten after it."""
    changing = {loop.counter, *(a.target.partition("[")[0] for a in loop.body)}
    inside = dict(known)
    body: list[Assign] = []
    for assign in loop.body:
        for new in _named(assign, counts, inside, names):
            if new.target != assign.target and not _mentions(new.code, changing):
                known[new.code] = new.target
                yield _assigned(new, inside)
            else:
                body.append(_assigned(new, inside))
    yield replace(loop, body=tuple(body))


def _named(
    assign: Assign, counts: Counter[Code], known: dict[Code, str], names: Names
) -> Iterator[Assign]:
    """An assignment, after those of the temporaries that it is the first to need."""
    for part in _inside_out(assign.code):
        if part in known or part == assign.code:
            continue
        if (part.work and counts[part] > 1) or part.level is py.Level.CHOICE:
            known[part] = names.new(part.hint)
            yield Assign(known[part], part)
    if assign.code in known:
        copied = py.method("{}.copy()", assign.code)
        yield replace(assign, code=copied)
        return
    if assign.code.work and counts[assign.code] > 1 and "[" not in assign.target:
        known[assign.code] = assign.target
    yield assign


def _assigned(assign: Assign, known: Mapping[Code, str]) -> Assign:
    """Every temporary by its name, but not in the line that computes it."""
    others = {code: name for code, name in known.items() if name != assign.target}
    return Assign(assign.target, assign.code if not others else _renamed(assign.code, others))


def _renamed(code: Code, known: Mapping[Code, str]) -> Code:
    parts = tuple(
        (atom(known[p], p.array) if p in known else _renamed(p, known), level)
        for p, level in code.parts
    )
    return replace(code, parts=parts)


def _inside_out(code: Code) -> Iterator[Code]:
    for part, _ in code.parts:
        yield from _inside_out(part)
    yield code


def _count(code: Code, counts: Counter[Code]) -> None:
    """How often each part is computed, if whatever repeats is computed once."""
    counts[code] += 1
    if counts[code] == 1:
        for part, _ in code.parts:
            _count(part, counts)


def _mentions(code: Code, names: set[str]) -> bool:
    return any(part.template in names for part in code.within())


def _codes(statement: Statement) -> list[Code]:
    if isinstance(statement, Assign):
        return [statement.code]
    return [statement.length, *(a.code for a in statement.body)]


def _lines(statement: Statement) -> list[str]:
    if isinstance(statement, Assign):
        return [f"{statement.target} = {statement.code.text({})}"]
    steps = f"range({statement.length.text({})})"
    steps = f"reversed({steps})" if statement.backward else steps
    body = [f"    {line}" for assign in statement.body for line in _lines(assign)]
    return [f"for {statement.counter} in {steps}:", *body]


def _offsets(definition: Definition, group: set[str]) -> list[tuple[str, Any]]:
    """How far ahead a definition of a recursion reads, and of what."""
    entries = [e for e in definition.rhs.atoms(Indexed) if name_of(e) in group]
    return [(name_of(e), expand(e.indices[0] - definition.indices[0])) for e in entries]


def _in_step_order(
    group: Sequence[Definition], offsets: Mapping[str, list[tuple[str, Any]]]
) -> list[Definition]:
    """Within one step, what is read at the same time is computed before."""
    left, done = list(group), []
    while left:
        waiting = {d.name for d in left}
        ready = [d for d in left if not {n for n, o in offsets[d.name] if o == 0} & waiting]
        if not ready:
            raise NotImplementedError(f"{', '.join(sorted(waiting))} need each other at one time")
        done += ready
        left = [d for d in left if d not in ready]
    return done
