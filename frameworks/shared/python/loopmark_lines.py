"""The lines of the harness, read into what a runner knows of them."""

import json
import sys
from dataclasses import MISSING, fields
from types import UnionType
from typing import Any, get_origin


def message(line: bytes, wanted: str) -> dict[str, Any]:
    """The message of this type that a line carries; ends the runner if it carries none."""
    try:
        parsed = json.loads(line)
        kind = parsed["type"]
    except (ValueError, TypeError, KeyError) as error:
        sys.exit(f"expected a {wanted}, got {line[:200]!r}: {error}")
    if kind != wanted:
        sys.exit(f"expected a {wanted}, got a {kind}")
    return parsed


def read(of: type, message: dict[str, Any]) -> Any:
    """The fields that a dataclass knows: a newer harness may say more."""
    name = of.__name__.lower()
    known = fields(of)
    missing = [f.name for f in known if f.default is MISSING and f.name not in message]
    if missing:
        sys.exit(f"a {name} without {', '.join(missing)}")
    values = {f.name: message[f.name] for f in known if f.name in message}
    for f in known:
        wanted = f.type if isinstance(f.type, UnionType) else get_origin(f.type) or f.type
        if f.name in values and not isinstance(values[f.name], wanted):
            sys.exit(f"a {name} whose {f.name} is {values[f.name]!r}")
    return of(**values)
