"""Where is kept what must outlive a request: the cache of answers, in memory or in Redis."""
