"""A table's columns gone through by loops, and a table of a class of the program's own."""

import numpy as np
import pandas as pd


class Ledger(pd.DataFrame):
    @property
    def _constructor(self):
        return Ledger


def step(prices, ledger, w):
    total = 0.0
    for price in prices:
        total += price * w[0]
    for amount, rate in zip(ledger["amount"], ledger["rate"]):
        w = w + amount * rate
    scaled = [price * w for price in prices]
    due = ledger["amount"] @ w
    doubled = ledger * 2
    for _, row in ledger.iterrows():
        w = w + row["rate"] * 2
    for name, column in ledger.items():
        w = w - column.to_numpy() * len(name)
    return total, w, scaled, due, type(doubled).__name__, doubled


def inputs():
    ledger = Ledger({"amount": [1.0, 2.0], "rate": [3.0, 4.0]})
    return pd.Series([1.5, 2.5]), ledger, np.ones(2)
