"""What every part of ``encours.toml`` is made of."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of ``encours.toml``: a key that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
