"""A Grantex and a Datadog on your own machine."""
