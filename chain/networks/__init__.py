"""Permissioned networks of several validators, run on one machine."""
