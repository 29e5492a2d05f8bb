"""What the storage of backups costs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from drill.policy.fields import Section

GB = 1_000_000_000
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""A currency by its three letters (ISO 4217)."""


class StoragePrice(Section):
    """What is paid for storage; a GB has 10⁹ bytes."""

    price_per_gb_month: float = Field(strict=True, ge=0, examples=[0.023], description="for a GB kept for a month")
    currency: Currency = Field(examples=["USD"], description="its three letters (ISO 4217)")

    def cost_per_month(self, stored_bytes: float) -> float:
        """Return what keeping so many bytes for a month costs."""
        return stored_bytes / GB * self.price_per_gb_month
