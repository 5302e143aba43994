"""Pure functions with a published source: fees, log-odds, overround, ladders, calibration, depth.

Belongs here: formulas over plain values and columns. Does not: I/O, SQL, Panel.
"""
