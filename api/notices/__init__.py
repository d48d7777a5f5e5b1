"""How notices leave: calls to endpoints, letters."""
