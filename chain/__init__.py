"""The only folder that knows Ethereum."""
