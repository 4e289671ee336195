"""The loop is in a module beside it."""

import numpy as np
from learner import Learner

learner = Learner(np.random.default_rng(13).normal(size=(2, 2)))
learner.run(np.ones((3, 2)), 100)
