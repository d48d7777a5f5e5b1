"""From the meter to the ledger's ear: meters, signing gateways, the courier between."""
