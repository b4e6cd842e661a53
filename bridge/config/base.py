"""What every block of settings has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


def _hyphens(name: str) -> str:
    return name.replace("_", "-")


class Settings(BaseModel):
    """A block of settings: frozen, without unknown keys, written with hyphens."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=_hyphens,
        populate_by_name=True,
        hide_input_in_errors=True,
    )
