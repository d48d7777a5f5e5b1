"""
Our contracts as Python sees them: dataclasses in and out, no type of an Ethereum library.

What changes the chain is given as a `Call`, for whoever sends it; reading asks the node.
"""
