"""`make bench`: how does this service compare, on one machine and in one run, with the limit and with its peers?

The same vendor, the same load and the same machine for all, one contender at a time, every process ended by its id.
"""
