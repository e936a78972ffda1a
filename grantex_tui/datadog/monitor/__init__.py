"""Datadog monitors: the API object, its query grammar, its validation rules."""
