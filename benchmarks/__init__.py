"""Measures esignwire beside its peers. Run it with ``make bench``."""
