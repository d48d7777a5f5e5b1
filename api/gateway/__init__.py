"""A gateway as a process: its settings, its parts joined, its loop, and what it shows of itself."""
