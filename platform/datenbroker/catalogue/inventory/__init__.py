"""The data inventory: which data the Konzern collects, through which interface, for whom; and what twice."""
