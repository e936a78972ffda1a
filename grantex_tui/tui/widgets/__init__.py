"""The dashboard's panels, one a module: pure renderers, and the widgets that show them."""
