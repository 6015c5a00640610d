"""Integer cents as exact decimals."""

from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from samples.days import Ints


def decimals(cents: Ints) -> pa.Array:
    """``cents`` as DECIMAL(18, 2) euros."""
    return pc.multiply(pa.array(cents).cast(pa.decimal128(19, 0)), pa.scalar(Decimal("0.01"))).cast(
        pa.decimal128(18, 2)
    )
