"""Tables that can be sorted, searched and chosen from. What is shown is text; what is sorted by is the value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd
import streamlit as st

from documents import formats
from documents.texts import Language

Kind = Literal["text", "amount", "date", "count"]
Choice = Literal["single-row", "multi-row"]


ROW_HEIGHT: Final = 35
"""Pixels of a row, as Streamlit draws it."""


@dataclass(frozen=True)
class GridColumn:
    """A column: the key of the rows, its heading, what stands in it, its width in pixels."""

    key: str
    heading: str
    kind: Kind = "text"
    width: int | None = None


def grid(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[GridColumn],
    *,
    key: str,
    language: Language,
    choose: Choice | None = None,
    most_rows: int = 10,
    name: str,
    colours: Mapping[str, Mapping[str, str]] | None = None,
) -> list[int]:
    """Show rows; return the positions of those that are chosen.

    Amounts are Decimal. ``name`` is read out to those who cannot see the table. ``colours``: column → text → colour.
    More rows than ``most_rows`` are scrolled.
    """
    frame = pd.DataFrame(
        {
            column.key: pd.Series([row[column.key] for row in rows], dtype=_dtype(column.kind))
            for column in columns
        }
    )
    shown = frame.style.format(
        {column.key: _formatter(column.kind, language) for column in columns if column.kind != "text"},
        na_rep="",
    )
    for key_of, wanted in (colours or {}).items():
        shown = shown.map(
            lambda value, wanted=wanted: f"color: {wanted.get(value, 'inherit')}", subset=[key_of]
        )
    configured = {column.key: _configured(column) for column in columns}
    options: dict[str, Any] = {
        "hide_index": True,
        "column_config": configured,
        "key": key,
        "placeholder": "",
        "height": ROW_HEIGHT * (min(len(rows), most_rows) + 1) + 3,
        "alt": name,
    }
    if choose is None:
        st.dataframe(shown, **options)
        return []
    event = st.dataframe(shown, on_select="rerun", selection_mode=choose, **options)
    return [row for row in event["selection"]["rows"] if row < len(rows)]


def choose_rows(key: str, positions: Sequence[int]) -> None:
    """Mark rows of a grid as chosen. To be called before the grid is shown."""
    st.session_state[key] = {"selection": {"rows": list(positions), "columns": [], "cells": []}}


def _dtype(kind: Kind) -> str:
    return "Int64" if kind == "count" else "object"


def _configured(column: GridColumn) -> Any:
    made: Any = {
        "text": st.column_config.TextColumn,
        "amount": st.column_config.NumberColumn,
        "count": st.column_config.NumberColumn,
        "date": st.column_config.DateColumn,
    }[column.kind]
    alignment = "right" if column.kind in ("amount", "count") else "left"
    return made(column.heading, width=column.width, alignment=alignment)


def _formatter(kind: Kind, language: Language) -> Any:
    if kind == "amount":
        return lambda value: formats.number(value, language)
    if kind == "date":
        return lambda value: formats.day(value, language)
    return lambda value: str(value)
