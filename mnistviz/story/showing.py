"""Statements that only show arrays, for a plot or a print: nothing of the program's own is computed with them."""

from __future__ import annotations

import ast
import re

PLOTTING = re.compile(r"(plt|pyplot|pylab|matplotlib|figs?\d*|figure|ax(s|es|is)?_?\w?\d*|canvas|sns)")
# Functions of the program's own.
DRAWING = re.compile(r"(plot|draw|show|display|visuali[sz]e|animate)(_\w*)?")
PRINTING = re.compile(r"(print|pprint|display|logger|logging)")
STEPS = (ast.Attribute, ast.Subscript, ast.Call)  # on the way from a call to the name that it begins with


def draws(call: str) -> str:
    """`plotted`, where a function of the program's own is called like one that draws; else ""."""
    return "plotted" if DRAWING.fullmatch(call.rpartition(".")[2].lower()) else ""


def shows(statement: ast.stmt | None) -> str:
    """`plotted` or `printed`, where that is all that a statement does; else ""."""
    if not isinstance(statement, ast.Expr | ast.Assign) or not isinstance(statement.value, ast.Call):
        return ""
    if isinstance(statement, ast.Expr) and (drawn := draws(ast.unparse(statement.value.func))):
        return drawn
    node: ast.expr = statement.value
    while isinstance(node, STEPS):
        node = node.func if isinstance(node, ast.Call) else node.value
    if not isinstance(node, ast.Name):
        return ""
    if PLOTTING.fullmatch(node.id):
        return "plotted"
    return "printed" if PRINTING.fullmatch(node.id) and isinstance(statement, ast.Expr) else ""
