"""Cross-checks: small, named, kept with the version that they looked at."""
