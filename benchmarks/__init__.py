"""What `make bench` runs: each measurement beside its baseline, in the same process and the same minute."""
