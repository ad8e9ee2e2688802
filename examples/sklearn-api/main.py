"""A small service: which of three clusters does a point belong to?"""

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel
from sklearn.linear_model import LogisticRegression

app = FastAPI()
random = np.random.default_rng(7)
centres = np.array([[0.0, 0.0], [4.0, 4.0], [0.0, 5.0]])
points = np.concatenate([random.normal(centre, 1.0, (40, 2)) for centre in centres])
model = LogisticRegression(max_iter=500).fit(points, np.repeat([0, 1, 2], 40))


class Point(BaseModel):
    x: float
    y: float


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/predict")
def predict(point: Point) -> dict[str, object]:
    found = model.predict_proba([[point.x, point.y]])[0]
    return {"cluster": int(found.argmax()), "probabilities": [round(float(p), 6) for p in found]}
