"""What a verification report says, as one document of plain data; drawing it is done elsewhere."""
