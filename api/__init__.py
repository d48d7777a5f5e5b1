"""The way in: settings, composition, HTTP, worker, command line."""
