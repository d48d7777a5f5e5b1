"""
An oracle for the rules: the same formulas a second time, from the documents, in decimals.

It is written from the guides and plans as the domain reference states them, not from the
contracts, and shares no code with them. It rounds where `IRule` says a rule rounds: a product or a
quotient half away from zero to 18 decimals, a result as the guide says, an intermediate where the
profile says. What the contracts' documentation fixes beyond the guides (names of figures, the order
in which means are taken) is taken from that documentation.
"""
