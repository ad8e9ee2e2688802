"""Data: how big common base images are.

Provenance: sizes that the images' public registry pages and `docker images` listed for linux/amd64
during 2025, written down from memory and rounded, not measured for this table; hence the ranges, which
also span the versions that a row stands for. `uncompressed` is what `docker images` of an engine without
the containerd image store prints; `compressed` is the sum of the layers that a pull moves. MB = 10^6
bytes.

A row: repository, variant (see `bases`), releases or `*`, then compressed and uncompressed as
low-typical-high.
"""

RECORDED_ON = "2025-10"

ROWS = """
python full bookworm            | 340 365 400    | 850 1010 1080
python full bullseye            | 320 345 380    | 850 930 1010
python full trixie              | 370 400 430    | 950 1100 1180
python slim bookworm            | 40 45 70       | 115 127 185
python slim bullseye            | 40 45 60       | 110 124 150
python slim trixie              | 38 43 70       | 110 122 185
python alpine *                 | 15 18 23       | 42 50 62
debian full bookworm            | 45 48 56       | 112 117 130
debian full bullseye            | 50 54 58       | 118 124 130
debian full trixie              | 46 49 56       | 112 120 135
debian slim bookworm            | 26 28 45       | 72 75 125
debian slim bullseye            | 28 30 40       | 78 80 100
debian slim trixie              | 27 30 45       | 75 79 125
ubuntu full *                   | 25 30 35       | 68 78 110
alpine full *                   | 2.5 3.6 4      | 5 8 9
buildpack-deps full *           | 300 330 390    | 750 900 1000
node full *                     | 330 390 430    | 900 1100 1250
node slim *                     | 60 77 95       | 180 220 270
node alpine *                   | 40 52 60       | 120 150 180
nvidia/cuda base *              | 80 105 150     | 200 240 330
nvidia/cuda runtime *           | 900 1350 1700  | 2000 2700 3400
nvidia/cuda cudnn-runtime *     | 1400 2000 2600 | 3000 4200 5500
nvidia/cuda devel *             | 2800 3900 5000 | 5800 7400 9200
nvidia/cuda cudnn-devel *       | 3500 4900 6200 | 7800 9700 12500
nvcr.io/nvidia/pytorch full *             | 7000 9300 12000 | 15000 21000 27000
nvcr.io/nvidia/tensorflow full *          | 5000 6600 9000 | 11000 15000 21000
pytorch/pytorch runtime *       | 2600 3300 4200 | 5400 7000 8800
pytorch/pytorch devel *         | 6000 7900 9500 | 12500 16000 20000
tensorflow/tensorflow full *    | 450 590 700    | 1300 1800 2100
tensorflow/tensorflow jupyter * | 500 680 800    | 1500 2000 2300
tensorflow/tensorflow gpu *     | 2500 3400 4000 | 5200 7000 8000
tensorflow/tensorflow gpu-jupyter * | 2600 3500 4100 | 5400 7200 8300
continuumio/miniconda3 full *   | 150 220 300    | 400 570 800
continuumio/anaconda3 full *    | 900 1250 1700  | 2700 3800 5000
condaforge/mambaforge full *    | 100 150 200    | 300 440 560
condaforge/miniforge3 full *    | 90 140 190     | 280 420 560
mambaorg/micromamba full *      | 25 35 50       | 75 100 160
jupyter/base-notebook full *    | 250 330 450    | 750 1000 1400
jupyter/minimal-notebook full * | 400 500 650    | 1200 1600 2000
jupyter/scipy-notebook full *   | 1000 1300 1600 | 3300 4200 5000
jupyter/datascience-notebook full * | 1400 1900 2400 | 4500 5600 6800
jupyter/tensorflow-notebook full * | 1300 1900 3000 | 4300 6000 9000
jupyter/pytorch-notebook full * | 1200 1700 3000 | 3800 5500 9000
gcr.io/distroless/python3-debian11 full * | 17 20 25      | 46 53 66
gcr.io/distroless/python3-debian12 full * | 17 20 25      | 46 53 66
gcr.io/distroless/python3-debian13 full * | 17 20 25      | 46 53 66
"""
