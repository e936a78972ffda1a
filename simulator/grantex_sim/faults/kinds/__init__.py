"""The kinds of faults, one module each: what it is called, what it does, and how it is told of.

A module defines ``KIND``; that is all there is to register. `registry` finds it.
"""
