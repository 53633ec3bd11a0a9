"""What are the numbers of a model made of? The types, said once."""

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float32]
Table = NDArray[np.int8]
