"""How do weights become small integers? By a scale for each column."""

import numpy as np
from numpy.typing import NDArray

from services.classify.domain.weights import Reals, Table

STEPS = 127


def quantised(weights: NDArray[np.float64]) -> tuple[Table, Reals]:
    """Integers of -127 to 127 and what one step of each column is worth."""
    scales = np.abs(weights).max(axis=0) / STEPS
    scales[scales == 0] = 1
    return np.round(weights / scales).astype(np.int8), scales.astype(np.float32)
