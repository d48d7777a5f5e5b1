"""Tests of the chain package."""
