"""The kinds of expectations, one module each; `registry` finds them."""
