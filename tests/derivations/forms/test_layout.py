"""Long lines of source, broken where a formatter would break them."""

import ast

import pytest
from layers.tables import row

from gradcheck.derivations.forms.numpy_code.layout import wrapped

# A line, a width, the lines that it becomes.
LINES = [
    row("a short one stays", "a = b + c", 20, ["a = b + c"]),
    row("what is no assignment stays", "for t in reversed(range(T)):", 10,
        ["for t in reversed(range(T)):"]),
    row("at the loosest operators", "a = bb * cc + dd @ ee", 18,
        ["a = (", "    bb * cc", "    + dd @ ee", ")"]),
    row("indented", "    a = bb + cc - dd", 16,
        ["    a = (", "        bb", "        + cc", "        - dd", "    )"]),
    row("within a call, with a comma", 'a = np.einsum("ab,cd->ac", bb, cc)', 24,
        ["a = np.einsum(", '    "ab,cd->ac",', "    bb,", "    cc,", ")"]),
    row("one argument, without a comma", "a = np.exp(bbbb + cccc)", 16,
        ["a = np.exp(", "    bbbb + cccc", ")"]),
    row("within an operand", "a = b + c @ (dddd + eeee)", 14,
        ["a = (", "    b", "    + c @ (", "        dddd", "        + eeee", "    )", ")"]),
    row("what cannot be broken stays", "a = bbbbbbbbbbbbbbbbbbbbbb", 10,
        ["a = bbbbbbbbbbbbbbbbbbbbbb"]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "width", "lines"), LINES)
def test_a_line_is_broken(line, width, lines):
    assert wrapped(line, width) == lines


VALUES = ['x = -(a + b[:, None]) @ c.T * np.where(a > b, f(c, d), 0).sum(axis=0) / (a - b) ** 2',
          'x = np.einsum("ab,bc->ac", (a == b[:, None]) * c, d[np.arange(N), y]) + [a, b][0]',
          "x = a if b >= c and d else np.zeros((M, N))"]  # fmt: skip


@pytest.mark.parametrize("width", [10, 20, 40])
@pytest.mark.parametrize("line", VALUES)
def test_a_broken_line_means_the_same(line, width):
    lines = wrapped(line, width)
    assert len(lines) > 1
    assert ast.dump(ast.parse("\n".join(lines))) == ast.dump(ast.parse(line))
