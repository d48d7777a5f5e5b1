"""Recipes: how the lines of an inventory are worked out, each with a name and a version."""
