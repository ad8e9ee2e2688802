import argparse

import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--rows", type=int, default=3)
rows = parser.parse_args().rows
print(np.random.default_rng(3).integers(0, 10, (rows, 3)).tolist())
