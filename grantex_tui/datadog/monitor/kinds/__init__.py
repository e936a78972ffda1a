"""The kinds of monitor queries, one module each; `registry` lists them, `model.Query` is their face."""
