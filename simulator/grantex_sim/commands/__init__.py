"""The commands of `grantex-sim`, one module each.

A module offers ``add_command(commands)``, imports only argparse at import, and does its work in
the function that it sets as ``run``: arguments in, exit code out, errors raised.
"""
