"""A statement that is too long for a title loses what says least, and says that it has."""

from __future__ import annotations

import ast

import pytest

from mnistviz.story.shortening import shorter


@pytest.mark.parametrize(
    ("text", "tries"),
    [
        (
            "mask = np.triu(\n    np.ones((n, n)) * -1e9, k=1)",
            ["mask = np.triu(np.ones((n, n)) * -1e9, k=1)", "mask = np.triu(np.ones((n, n)) * -1e9, …)"],
        ),
        ("x = ((a - b) ** 2) / 1e-08", ["x = (a - b) ** 2 / 1e-08"]),
        ("p = (R @ p) + t[:, np.newaxis]", ["p = R @ p + t[:, np.newaxis]", "p = R @ p + t[…]"]),
        ("out[1:, :] = x[1:, None] + x[2]", ["out[1:, :] = x[1:, None] + x[2]", "out[1:, :] = x[…] + x[2]"]),
        (
            "w += rate * np.outer(d, x[0, :])",
            [
                "w += rate * np.outer(d, x[0, :])",
                "w += rate * np.outer(d, x[…])",
                "w += rate * np.outer(…)",
                "w += rate * …",
            ],
        ),
        (
            "back = (w.T @ error + later) * (1 - states[t] ** 2)",
            [
                "back = (w.T @ error + later) * (1 - states[t] ** 2)",
                "back = (… + later) * (1 - states[t] ** 2)",
                "back = (w.T @ error + later) * (1 - …)",
                "back = (w.T @ error + later) * …",
            ],
        ),
        ("best = max(x for x in xs)", []),
        ("m = np.array([x[k == i].mean() for i in range(7)])", ["m = np.array([x[k == i].mean(), …])"]),
        ("n = sum(np.roll(b, i, 0) for i in (1, 2))", ["n = sum(np.roll(b, i, 0), …)"]),
        ("fs = [lambda x: x for _ in a]", []),
        ('grads[f"b{k}"] = np.sum(d, axis=1)', []),
        ("i, f = z[:3], z[3:]", []),
    ],
)
def test_what_says_least_is_left_out_first(text: str, tries: list[str]) -> None:
    statement = ast.parse(text).body[0]
    assert isinstance(statement, ast.Assign | ast.AugAssign)
    found = list(dict.fromkeys(shorter(statement, text.split("\n"))))
    assert found[: len(tries)] == tries and bool(found) == bool(tries)
    assert ast.unparse(statement) == ast.unparse(ast.parse(text))  # it is not changed itself
