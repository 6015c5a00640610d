"""Who may do what. The address comes from the identity provider, the role from ``[app]`` in ``encours.toml``."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from home.settings_app import App


class Role(IntEnum):
    """What somebody may do; each may what those before it may."""

    READER = 1
    REVIEWER = 2
    ADMIN = 3


@dataclass(frozen=True)
class Actor:
    """Who is at work, as the server knows it: nothing that a browser sends is in it."""

    name: str
    role: Role


def role_of(email: str, settings: App) -> Role | None:
    """The highest role of an address; None for one that nobody named, who may not even read."""
    for role, named in (
        (Role.ADMIN, settings.admins),
        (Role.REVIEWER, settings.reviewers),
        (Role.READER, settings.readers),
    ):
        if _is_named(email, named):
            return role
    return None


def _is_named(email: str, named: Sequence[str]) -> bool:
    low = email.casefold()
    local, _, domain = low.rpartition("@")
    return bool(local) and any(one.casefold() in (low, f"*@{domain}") for one in named)
