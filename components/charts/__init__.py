"""One chart family a file, and the chart factory: specs are built once with Altair, then fed with data."""
