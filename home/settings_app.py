"""Who may use the review application, and as what: the table ``[app]`` of ``encours.toml``."""

from typing import Annotated, Literal

from pydantic import Field

from home.section import Section

EMail = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]


class App(Section):
    """The review application, encours app."""

    mode: Literal["local", "oidc"] = Field(
        "local",
        description="local: one person, on this machine only, without sign-in; oidc: sign-in by OpenID Connect.",
    )
    port: int = Field(8501, ge=1, le=65535, description="Port that it listens on.")
    language: Literal["fr", "en"] = Field(
        "en", description="For browsers that ask for neither French nor English."
    )
    readers: tuple[EMail, ...] = Field(
        (), description="E-mail addresses that may look; *@acme.example stands for everyone at acme.example."
    )
    reviewers: tuple[EMail, ...] = Field((), description="Those that may decide as well.")
    admins: tuple[EMail, ...] = Field(
        (), description="Those that may also take back what others decided, and check the chain of decisions."
    )
