"""Scores short texts: a small transformer with random weights, and a classifier on top. Same seed, same answers."""

import numpy as np
import pandas as pd
import torch
from fastapi import FastAPI
from pydantic import BaseModel
from sklearn.linear_model import LogisticRegression
from transformers import BertConfig, BertModel

WORDS = "the a good bad great poor film plot actor scene very not and but".split()
VOCABULARY = {word: index + 1 for index, word in enumerate(WORDS)}
EXAMPLES = pd.DataFrame(
    {
        "text": ["the film very good", "a great plot", "good actor and great scene", "the film very bad",
                 "a poor plot", "bad actor and poor scene"],
        "label": [1, 1, 1, 0, 0, 0],
    }
)

torch.manual_seed(0)
torch.set_num_threads(1)
encoder = BertModel(BertConfig(vocab_size=32, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
                               intermediate_size=128, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0))
encoder.eval()
app = FastAPI(title="film scores")


def embed(text: str) -> np.ndarray:
    ids = [VOCABULARY.get(word, 0) for word in text.lower().split()][:16] or [0]
    with torch.no_grad():
        hidden = encoder(torch.tensor([ids])).last_hidden_state
    return np.asarray(hidden.mean(dim=1)[0].tolist())


classifier = LogisticRegression(max_iter=1000, random_state=0).fit(
    np.stack([embed(text) for text in EXAMPLES["text"]]), EXAMPLES["label"]
)


class Text(BaseModel):
    text: str


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/predict")
def predict(item: Text) -> dict[str, object]:
    vector = embed(item.text)
    score = float(classifier.predict_proba([vector])[0][1])
    return {"score": round(score, 4), "norm": round(float(np.linalg.norm(vector)), 4), "words": len(item.text.split())}
