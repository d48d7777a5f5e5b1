"""HTTP operations, one module a subject; `api/app.py` puts them together."""
