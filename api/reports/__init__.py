"""Reports: the document of a case drawn as PDF/A-3, finished with its evidence, and kept."""
