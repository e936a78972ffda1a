"""From transitions to what people are told."""
