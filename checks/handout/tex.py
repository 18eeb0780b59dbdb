"""A handout as LaTeX: an article with amsmath, in ASCII, for pdflatex."""

import re
from collections.abc import Sequence
from itertools import groupby

from gradcheck.checks.handout.document import (
    Block,
    Code,
    Document,
    Heading,
    Items,
    Line,
    Math,
    Paragraph,
    Table,
    Text,
)
from gradcheck.checks.handout.prose import decomposed

PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[hmargin=20mm,top=22mm,bottom=18mm]{geometry}
\usepackage{amsmath,amssymb,array,color}
\definecolor{quiet}{gray}{0.4}
\definecolor{good}{rgb}{0.1,0.5,0.2}
\definecolor{bad}{rgb}{0.75,0.1,0.1}
\pagestyle{myheadings}
\setlength{\parindent}{0pt}
\setlength{\parskip}{5pt plus 2pt}
\setlength{\emergencystretch}{3em}
\raggedbottom
\renewcommand{\arraystretch}{1.15}
\setlength{\arrayrulewidth}{0.3pt}
\newcommand{\quiet}[1]{{\small\color{quiet}#1}}
\newcommand{\loud}[1]{{\color{bad}\bfseries #1}}
\newcommand{\good}{{\color{good}$\checkmark$}}
\newcommand{\bad}{{\color{bad}$\boldsymbol{\times}$}}
\newcommand{\sheet}[1]{\clearpage\markright{#1}{\LARGE\bfseries #1}\par\nobreak\vspace{3pt}}
\newcommand{\topic}[2]{\par\addvspace{14pt plus 6pt}%
  \noindent{\large\bfseries\boldmath #1}\hfill\quiet{#2}\par\nobreak
  \vspace{-10pt}\noindent{\color{quiet}\rule{\textwidth}{0.3pt}}\par\nobreak}
\newenvironment{points}{\begin{list}{$\cdot$}{\leftmargin=1.2em \labelwidth=0.7em
  \labelsep=0.5em \topsep=0pt \partopsep=0pt \parsep=0pt \itemsep=2pt}}{\end{list}}

% Equations: \side measures a left side; \step{left}{right}{reason}{shape} puts reason and shape
% into columns of their own, or below an equation that leaves no room for them.
\newlength{\leftside}
\newlength{\room}
\newsavebox{\equationbox}
\newsavebox{\whybox}
\newcommand{\leftpart}[1]{$\displaystyle #1{}={}$}
\newcommand{\side}[1]{\sbox{\equationbox}{\leftpart{#1}}%
  \ifdim\wd\equationbox>\leftside \leftside=\wd\equationbox\fi}
\newenvironment{equations}[1]{\par\addvspace{4pt}\parskip=0pt \lineskip=5pt \lineskiplimit=5pt
  \leftside=0pt #1}{\par\addvspace{8pt}}
\newcommand{\why}[2]{\quiet{\parbox[t]{0.21\textwidth}{\raggedright\leavevmode #1}%
  \parbox[t]{0.17\textwidth}{\raggedleft\leavevmode #2}}}
\newcommand{\result}[1]{\boxed{#1}}
\newcommand{\step}[4]{\par
  \sbox{\equationbox}{\makebox[\leftside][r]{\leftpart{#1}}$\displaystyle #2$}%
  \sbox{\whybox}{\if\relax\detokenize{#3}\relax\quiet{#4}\else\why{#3}{#4}\fi}%
  \room=\textwidth \advance\room-\wd\whybox \advance\room-0.5em
  \ifdim\wd\equationbox>\room
    \parbox[t]{\textwidth}{\def\result##1{##1}\raggedright
      \hangindent=\leftside \advance\hangindent 1em \hangafter=1
      \noindent\makebox[\leftside][r]{\leftpart{#1}}$\displaystyle #2$}\par\nobreak
    \hspace*{\fill}\usebox{\whybox}%
  \else
    \usebox{\equationbox}\hfill\usebox{\whybox}%
  \fi\par}
\newcommand{\problem}[1]{\par\nobreak\hspace*{\leftside}%
  \parbox[t]{0.8\textwidth}{\raggedright\small\color{bad}\leavevmode #1}\par}
\newcommand{\entry}[2]{\par{\raggedright\hangindent=0.24\textwidth \hangafter=1 \parskip=1pt
  \noindent\makebox[0.24\textwidth][l]{\small #1}{\small #2}\par}}
"""

TONES = {"plain": "{}", "quiet": "\\quiet{{{}}}", "loud": "\\loud{{{}}}"}
MARKS = {True: "\\good\\ ", False: "\\bad\\ ", None: ""}
WIDE = 40  # characters in a cell that should wrap
WRAPPED = ">{\\raggedright\\arraybackslash}p{0.3\\textwidth}"  # the column of such a cell
UNSEEN = re.compile(r"\\[A-Za-z]+|[\\{}$^_]")  # what takes no room itself
SIDE_BY_SIDE = "{{\\raggedright\\lineskip=8pt\\lineskiplimit=8pt {}\\par}}"  # if there is room
LONG_NAME = re.compile(r"\S{30,}")  # words that no line may have room for
UNBROKEN = 5  # lines that are kept on one page

# In a formula, what no thin space goes round: signs, and what takes the next word as its own.
SIGNS = {"+", "-", "=", "\\cdot", "\\odot", "\\times", "\\neq"}
OPERATOR = re.compile(
    r"(^|[ ({])([-+=]|\\(cdot|odot|times|neq))$|-$|\\partial(\^\{\+\})?$|"
    r"\\sum(_\{[^{}]*\})?(\^\{[^{}]*\})?$"
)

ESCAPES = {
    **{c: f"\\{c}" for c in "{}$&#_%"}, "\\": "\\textbackslash{}", "^": "\\^{}", "~": "\\~{}",
    "<": "$<$", ">": "$>$", "|": "$|$", '"': "''", "…": "\\ldots{}", "–": "--", "—": "---",
    "‘": "`", "’": "'", "“": "``", "”": "''", "✓": "\\good{}", "✗": "\\bad{}",
    "ß": "\\ss{}", "ø": "\\o{}", "Ø": "\\O{}", "ł": "\\l{}", "æ": "\\ae{}", "ı": "\\i{}",
}  # fmt: skip
ACCENTS = dict(zip("\u0300\u0301\u0302\u0303\u0308\u0304\u0306\u0307\u030a\u030c\u0327\u030b",
                   "`'^~\"=u.rvcH", strict=True))  # fmt: skip


def tex(document: Document) -> str:
    """The whole handout."""
    body = []
    for is_table, blocks in groupby(document, key=lambda b: isinstance(b, Table)):
        parts = [_block(block) for block in blocks]
        body += [SIDE_BY_SIDE.format("\\hspace{4em}".join(parts))] if is_table else parts
    return "\n\n".join([PREAMBLE + "\n\\begin{document}", *body, "\\end{document}"]) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(1, words):
            return f"\\sheet{{{_text(words)}}}"
        case Heading(_, words, aside):
            return f"\\topic{{{_text(words)}}}{{{_text(aside)}}}"
        case Paragraph(words, tone):
            return TONES[tone].format(_text(words))
        case Items(items):
            listed = "".join(f"\\item {_text(item)}\n" for item in items)
            return f"\\begin{{points}}\n{listed}\\end{{points}}"
        case Table(head, rows):
            return _table(head, [[_text(cell) for cell in row] for row in rows])
    title = f"{_text(block.title)}:\\par\\nobreak\n" if block.title else ""
    return title + _equations(block.lines)


def _equations(lines: Sequence[Line]) -> str:
    sides = "".join(f"\\side{{{line.left}}}" for line in lines if line.left)
    parts = [f"\\begin{{equations}}{{{sides}}}"]
    for number, line in enumerate(lines, start=1):
        right = breakable(line.right)
        right = f"\\result{{{right}}}" if line.boxed else right
        shape = f"${line.shape}$" if line.shape else ""
        reason = MARKS[line.holds] + _text(line.reason)
        parts.append(f"\\step{{{line.left}}}{{{right}}}%\n  {{{reason}}}{{{shape}}}")
        parts += [f"\\problem{{{_text(line.problem)}}}"] if line.problem else []
        if number < len(lines) and (len(lines) <= UNBROKEN or number in (1, len(lines) - 1)):
            parts.append("\\nobreak")
    return "\n".join([*parts, "\\end{equations}"])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    wide = any(len(UNSEEN.sub("", row[-1])) > WIDE for row in rows)
    if wide and len(head) == 2:
        return "\n".join(f"\\entry{{{first}}}{{{last}}}" for first, last in rows)
    titles = " & ".join(f"\\quiet{{{title}}}" for title in head)
    body = "\n".join(f"{' & '.join(row)} \\\\" for row in rows)
    last = WRAPPED if wide else "l"
    columns = f"@{{}}{'l' * (len(head) - 1)}{last}@{{}}"
    return f"\\begin{{tabular}}[t]{{{columns}}}\n{titles} \\\\ \\hline\n{body}\n\\end{{tabular}}"


def spaced(latex: str) -> str:
    """A thin space between factors, whose subscripts else run into each other."""
    first, *words = latex.split(" ")
    text = first
    for word in words:
        text += " " if OPERATOR.search(text) or word in SIGNS else "\\, "
        text += word
    return text


def breakable(latex: str) -> str:
    """A formula that may be broken before its terms and, less gladly, between their factors."""
    first, *parts = _top_level(latex)
    text = spaced(first)
    for part in parts:
        if part in SIGNS:
            text += f"\\penalty0 {part}"
        else:
            text += " " if OPERATOR.search(text) else "\\,\\penalty500 "
            text += spaced(part)
    return text


def _top_level(latex: str) -> list[str]:
    """The formula cut at the spaces that are in no bracket."""
    parts, depth = [""], 0
    for word in latex.split(" "):
        parts[-1] += f" {word}" if parts[-1] else word
        depth += sum(map(word.count, "({[")) - sum(map(word.count, ")}]"))
        if depth == 0:
            parts.append("")
    return [part for part in parts if part]


def _text(words: Text) -> str:
    return "".join(map(_part, words))


def _part(part: str | Math | Code) -> str:
    match part:
        case Math(latex):
            return f"${latex}$"
        case Code(code):
            return f"\\texttt{{{_escaped(code).replace('--', '-{}-')}}}"
    return LONG_NAME.sub(_breaking, _escaped(part))


def _breaking(name: re.Match[str]) -> str:
    """A dotted name that may be broken behind its dots and underscores."""
    return re.sub(r"(\.|\\_)(?=\w)", r"\1\\allowbreak{}", name.group())


def _escaped(text: str) -> str:
    """Plain text in ASCII; what LaTeX has no letter for is named by its code point."""
    letters: list[str] = []
    for c in decomposed(text):
        if c in ACCENTS and letters:
            letters[-1] = f"\\{ACCENTS[c]}{{{letters[-1]}}}"
        else:
            letters.append(ESCAPES.get(c, c if c.isascii() else f"[U+{ord(c):04X}]"))
    return "".join(letters)
