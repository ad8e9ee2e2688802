from pathlib import Path

import bottle
import scipy

from scoring.weights import load


@bottle.get("/health")
def health():
    Path("state/asked.txt").write_text("yes")
    curl = Path("state/curl.txt").read_text().split()[0]
    return {"weights": load(), "scipy": scipy.__version__, "curl": curl, "labels": Path("labels.json").read_text()}


bottle.run(host="0.0.0.0", port=8080)
