"""Energy and carbon of daily work, from the same evidence that accounting rests on."""
