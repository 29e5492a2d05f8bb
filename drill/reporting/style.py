"""The colours of the report, light and dark: restrained, and all of them readable on their paper (WCAG AA)."""

from __future__ import annotations

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "paper": "#ffffff",
    "raised": "#f6f7f9",
    "ink": "#14202e",
    "muted": "#53606f",
    "line": "#d5dae1",
    "link": "#1f5199",
    "proven": "#1d6b45",
    "disproven": "#a8261f",
    "unproven": "#855600",
    "proven-tint": "#e6f3ec",
    "disproven-tint": "#fbe9e7",
    "unproven-tint": "#fbf1dc",
    "limit": "#a8261f",
    "series-1": "#1f5199",
    "series-2": "#b45f06",
    "series-3": "#5b3f8c",
    "series-4": "#0b7075",
    "series-5": "#5f6b00",
    "series-6": "#5c6470",
}
DARK: Mapping[str, str] = {
    "paper": "#11161d",
    "raised": "#1a212b",
    "ink": "#e8ecf1",
    "muted": "#a3aebb",
    "line": "#333d4a",
    "link": "#8fb8f2",
    "proven": "#7ccfa2",
    "disproven": "#f49a93",
    "unproven": "#e8bd6a",
    "proven-tint": "#173125",
    "disproven-tint": "#3a1c1a",
    "unproven-tint": "#352a12",
    "limit": "#f49a93",
    "series-1": "#8fb8f2",
    "series-2": "#eda75b",
    "series-3": "#bfa5ec",
    "series-4": "#6cc9ce",
    "series-5": "#c9d16a",
    "series-6": "#b6bdc8",
}
