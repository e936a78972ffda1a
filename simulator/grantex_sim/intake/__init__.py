"""The mock Datadog's logs intake."""
