"""Python source as a tree, so that brackets go where they must and repeated parts get a name.

A `Code` is a template with a hole for each part: "{} @ {}" of two names. Two computations that
are written alike are equal, whatever letters the formula had for them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Level(IntEnum):
    """How closely Python's operators bind; a looser part is put in brackets."""

    CHOICE = 0  # a if c else b
    COMPARE = 1
    AND = 2
    ADD = 3
    MUL = 4
    MATMUL = 5  # Python makes no difference to *, but a reader does
    NEGATIVE = 6
    POWER = 7
    ATOM = 8


POWER, TIGHT_POWER = "{} ** {}", "{}**{}"


@dataclass(frozen=True)
class Code:
    """A piece of source.

    template  the text, with {} for each part
    parts     each part and how closely it must bind in its place
    level     how closely the whole binds
    array     whether an array is involved, not sizes and positions alone
    work      whether something is computed: a view of an array or a name is nothing to keep
    hint      a name for it, should it need one
    """

    template: str
    parts: tuple[tuple["Code", Level], ...] = ()
    level: Level = Level.ATOM
    array: bool = False
    work: bool = False
    hint: str = field(default="part", compare=False)

    def text(self, names: Mapping["Code", str]) -> str:
        """The source; parts that have a name already are written by it."""
        texts = []
        for part, at_least in self.parts:
            if part in names:
                texts.append(names[part])
            else:
                inner = part.text(names)
                texts.append(inner if part.level >= at_least else f"({inner})")
        tight = self.template == POWER and texts[0].isidentifier() and " " not in texts[1]
        return (TIGHT_POWER if tight else self.template).format(*texts)

    def within(self) -> Iterator["Code"]:
        """This piece and all that it is made of."""
        yield self
        for part, _ in self.parts:
            yield from part.within()


def atom(text: str, array: bool = False) -> Code:
    """A name or a number."""
    return Code(text, array=array)


def view(template: str, of: Code, *others: Code) -> Code:
    """What is read from an array without computing: `{}.T`, `{}[:, None]`, `{}[{}]`."""
    parts = ((of, Level.ATOM), *((o, Level.CHOICE) for o in others))
    return Code(template, parts, array=of.array)


def call(template: str, *parts: Code, hint: str = "part") -> Code:
    """A function call: every part stands between brackets or commas."""
    return _work(template, [(p, Level.CHOICE) for p in parts], Level.ATOM, hint)


def method(template: str, of: Code) -> Code:
    """A method call: `{}.sum(axis=0)`."""
    return _work(template, [(of, Level.ATOM)], Level.ATOM)


def plus(left: Code, right: Code) -> Code:
    return _work("{} + {}", [(left, Level.ADD), (right, Level.MUL)], Level.ADD)


def minus(left: Code, right: Code) -> Code:
    return _work("{} - {}", [(left, Level.ADD), (right, Level.MUL)], Level.ADD)


def times(left: Code, right: Code) -> Code:
    first = Level.NEGATIVE if left.level is Level.MATMUL else Level.MUL
    return _work("{} * {}", [(left, first), (right, Level.NEGATIVE)], Level.MUL)


def over(left: Code, right: Code) -> Code:
    first = Level.NEGATIVE if left.level is Level.MATMUL else Level.MUL
    return _work("{} / {}", [(left, first), (right, Level.NEGATIVE)], Level.MUL)


def matmul(left: Code, right: Code) -> Code:
    return _work("{} @ {}", [(left, Level.MATMUL), (right, Level.NEGATIVE)], Level.MATMUL)


def negative(of: Code) -> Code:
    """-a * b is written without brackets: it has the value of (-a) * b. Of -a it is a."""
    if of.template == "-{}":
        return of.parts[0][0]
    level = Level.MUL if of.level is Level.MUL else Level.NEGATIVE
    return _work("-{}", [(of, level)], level)


def power(base: Code, exponent: Code) -> Code:
    return _work(POWER, [(base, Level.ATOM), (exponent, Level.NEGATIVE)], Level.POWER)


def compare(sign: str, left: Code, right: Code) -> Code:
    parts = [(left, Level.AND), (right, Level.AND)]
    return _work(f"{{}} {sign} {{}}", parts, Level.COMPARE, "mask")


def both(left: Code, right: Code) -> Code:
    """Both of two conditions on arrays."""
    return _work("{} & {}", [(left, Level.AND), (right, Level.ADD)], Level.AND, "mask")


def choice(yes: Code, condition: Code, no: Code, hint: str) -> Code:
    """`a if c else b`, which is worth a line of its own."""
    parts = [(yes, Level.COMPARE), (condition, Level.COMPARE), (no, Level.COMPARE)]
    template = "{} if {} else {}"
    return Code(template, tuple(parts), Level.CHOICE, array=True, work=True, hint=hint)


def _work(template: str, parts: list[tuple[Code, Level]], level: Level, hint: str = "part") -> Code:
    array = any(part.array for part, _ in parts)
    return Code(template, tuple(parts), level, array, work=array, hint=hint)
