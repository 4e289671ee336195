"""It asks before it begins, and plots at the end."""

import numpy as np

rate = float(input("rate? "))
w = np.array([1.0, 2.0])
for _ in range(3):  # this
    w -= rate * w
import matplotlib.pyplot as plt

plt.plot(w)
plt.show()
