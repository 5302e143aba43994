"""What `make bench` runs: each measurement beside its baseline, in the same minute."""
