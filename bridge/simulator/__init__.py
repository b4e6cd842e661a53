"""A pretend outside on real sockets: the tests, the benchmarks and the demo run against it."""
