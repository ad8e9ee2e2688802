"""What workloads were seen to use: an image run under strace, in whatever engine there is."""
