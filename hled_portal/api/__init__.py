"""The read-only API, version 1: the public record as JSON, for programs (docs/api.md).

What a program relies on stays: within version 1 fields and parameters are added, never renamed, moved or taken away.
"""
