"""`gradcheck --list`: names and summaries, without importing a layer, NumPy or SymPy."""

import json
from collections.abc import Iterator, Sequence
from textwrap import fill

from gradcheck.checks.layers import File, by_family

WIDTH = 100  # of a line of members
MARGIN = " " * 6
OTHERS = "other"  # heading of a user's own layers whose files name no family


def summary(files: Sequence[File], as_json: bool = False) -> str:
    """The families, with a line for each file; the members of a file stand below it."""
    if as_json:
        rows = [
            {
                "name": f.name,
                "family": f.family or None,
                "summary": f.summary,
                "source": f.source,
                "layers": [*f.layers],
            }
            for f in files
        ]
        return json.dumps({"schema": 1, "files": rows}, indent=2, ensure_ascii=False)
    families = by_family(files).items()
    return "\n\n".join("\n".join([name or OTHERS, *_lines(of)]) for name, of in families)


def _lines(files: Sequence[File]) -> Iterator[str]:
    width = max(len(f.name) for f in files)
    for file in files:
        yield f"  {file.name:{width}}  {file.summary}"
        if file.members:
            words = "  ".join(file.layers)
            yield fill(words, WIDTH, initial_indent=MARGIN, subsequent_indent=MARGIN)
