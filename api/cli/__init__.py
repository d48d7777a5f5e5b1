"""The command line `carbonseal`."""
