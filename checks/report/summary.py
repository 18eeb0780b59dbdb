"""`gradcheck --list`: names and summaries, without importing a layer, NumPy or SymPy."""

import json
from collections.abc import Sequence

from gradcheck.checks.layers import File


def summary(files: Sequence[File], as_json: bool = False) -> str:
    """One line for each file; the members of a file stand below it."""
    if as_json:
        rows = [
            {"name": f.name, "summary": f.summary, "source": f.source, "layers": [*f.layers]}
            for f in files
        ]
        return json.dumps({"schema": 1, "files": rows}, indent=2, ensure_ascii=False)
    width = max((len(f.name) for f in files), default=0)
    lines = []
    for file in files:
        lines.append(f"{file.name:{width}}  {file.summary}")
        if file.members:
            lines.append(" " * width + "  " + "  ".join(file.layers))
    return "\n".join(lines)
