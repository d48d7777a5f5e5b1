"""Visits to a site, prepared online and made offline."""
