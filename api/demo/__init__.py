"""The demonstration: the whole path on one machine, with parts that are made up and say so."""
