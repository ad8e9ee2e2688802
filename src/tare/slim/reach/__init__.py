"""What an image's start can reach: libraries, programs, modules, data; conservative, and unknown means keep."""
