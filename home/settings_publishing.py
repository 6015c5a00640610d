"""Where the marts are published beside the home itself: the tables ``[publishing.*]`` of ``encours.toml``.

How to reach a server stands in the environment or in a service file of PostgreSQL, never here: this file is copied,
mailed and kept in version control.
"""

from collections.abc import Mapping
from typing import Any, Final, Self

from pydantic import Field, model_validator

from home.section import Section

CREDENTIALS: Final = {"url", "dsn", "password", "passwd", "user", "username"}
NO_CREDENTIALS: Final = (
    "user names and passwords do not belong in encours.toml; put the server's URL into an environment variable and its "
    "name into url_variable, or name a service of your PostgreSQL service file"
)


class PostgreSQL(Section):
    """A PostgreSQL server (15 or later) that gets the marts after each refresh; this table's name alone turns it on."""

    url_variable: str = Field(
        "ENCOURS_POSTGRES_URL",
        pattern="^[A-Za-z_][A-Za-z0-9_]*$",
        description="Environment variable that holds the server's URL, user and password, never written here.",
    )
    service: str = Field(
        "",
        pattern="^[^\\s=/:]*$",
        description="Service of the PostgreSQL service file, used instead of the variable when named.",
    )
    schema_name: str = Field(
        "marts",
        pattern="^[a-z][a-z0-9_]{0,50}$",
        description="Schema of the views that people query; what they read from is in <schema_name>_runs.",
    )
    keep_runs: int = Field(
        3, ge=1, le=100, description="Published runs that stay in the database, the current one among them."
    )
    reader_role: str = Field(
        "",
        max_length=63,
        description="Role that may read every mart; nobody but the publishing user when empty.",
    )
    sales_role: str = Field(
        "",
        max_length=63,
        description="Role that may read what belongs to the agencies of each user, as agency_users tells them.",
    )

    @model_validator(mode="before")
    @classmethod
    def _holds_no_credentials(cls, content: Any) -> Any:
        """What is refused is not repeated in the message."""
        if isinstance(content, Mapping):
            texts = [value for value in content.values() if isinstance(value, str)]
            if CREDENTIALS & content.keys() or any("://" in text or "password" in text for text in texts):
                raise ValueError(NO_CREDENTIALS)
        return content

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.schema_name.startswith("pg_"):
            raise ValueError(f"the name {self.schema_name} is PostgreSQL's own; choose another schema_name")
        if self.sales_role and not self.reader_role:
            raise ValueError("sales_role needs a reader_role beside it, of those who read every agency")
        if self.sales_role and self.sales_role == self.reader_role:
            raise ValueError("reader_role and sales_role are the same; name two roles")
        return self


class Publishing(Section):
    """Where the marts go beside the home itself."""

    postgresql: PostgreSQL | None = None
