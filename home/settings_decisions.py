"""Where decisions are kept: the table ``[decisions]`` of ``encours.toml``."""

from pydantic import Field

from home.section import Section


class Decisions(Section):
    """Where reviewers' decisions are kept: decisions.db in the home, unless another database is named."""

    url_variable: str = Field(
        "",
        pattern="^([A-Za-z_][A-Za-z0-9_]*)?$",
        description="Environment variable that holds the URL of a PostgreSQL database, which is never written here.",
    )
