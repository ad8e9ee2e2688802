"""Twenty-two everyday operations on the packages of the benchmark's image, each in a process of its own.

`python battery.py` names them; `python battery.py NAME` runs one and prints its answer, which must be the same in every
image. They are written from what people do with these libraries, not from what any trace saw.
"""

import io
import sys
from collections.abc import Callable

OPERATIONS: dict[str, Callable[[], object]] = {}


def operation(function: Callable[[], object]) -> Callable[[], object]:
    OPERATIONS[function.__name__] = function
    return function


@operation
def torch_autograd() -> object:
    import torch

    x = torch.arange(6.0).reshape(2, 3).requires_grad_()
    (x @ x.T).sum().backward()
    return x.grad.tolist()


@operation
def torch_save_load() -> object:
    import torch

    buffer = io.BytesIO()
    torch.save({"w": torch.ones(3), "n": torch.nn.Linear(2, 2).state_dict().keys().__len__()}, buffer)
    buffer.seek(0)
    return torch.load(buffer, weights_only=True)["w"].tolist()


@operation
def torch_loader_workers() -> object:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    torch.multiprocessing.set_sharing_strategy("file_system")
    data = TensorDataset(torch.arange(20.0).reshape(10, 2))
    return sum(batch[0].sum().item() for batch in DataLoader(data, batch_size=2, num_workers=2))


@operation
def torch_script() -> object:
    import torch

    @torch.jit.script
    def f(x: torch.Tensor) -> torch.Tensor:
        if x.sum() > 0:
            return x * 2
        return x

    return f(torch.ones(3)).tolist()


@operation
def torch_export() -> object:
    import torch

    program = torch.export.export(torch.nn.Linear(3, 2), (torch.ones(1, 3),))
    return len(list(program.graph.nodes)) > 2


@operation
def torch_linear_algebra() -> object:
    import torch

    a = torch.tensor([[4.0, 1.0], [1.0, 3.0]])
    return [round(v, 4) for v in torch.linalg.eigvalsh(a).tolist()] + [
        round(torch.fft.fft(a[0]).abs().sum().item(), 4)
    ]


@operation
def torch_train_step() -> object:
    import torch

    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.LazyLinear(2)
    )
    net(torch.ones(1, 1, 8, 8))
    optimizer = torch.optim.AdamW(net.parameters())
    loss = torch.nn.functional.cross_entropy(net(torch.ones(4, 1, 8, 8)), torch.tensor([0, 1, 0, 1]))
    loss.backward()
    optimizer.step()
    return round(loss.item(), 4)


@operation
def transformers_bert() -> object:
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    sizes = {
        "vocab_size": 50,
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
    }
    return round(
        BertModel(BertConfig(**sizes)).eval()(torch.arange(5).unsqueeze(0)).last_hidden_state.sum().item(), 3
    )


@operation
def transformers_generate() -> object:
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config(vocab_size=40, n_positions=32, n_embd=16, n_layer=1, n_head=2)).eval()
    return model.generate(torch.tensor([[1, 2]]), max_new_tokens=4, do_sample=False, pad_token_id=0).tolist()


@operation
def transformers_auto_classes() -> object:
    from transformers import AutoConfig, AutoModelForSequenceClassification

    config = AutoConfig.for_model(
        "distilbert", vocab_size=30, dim=16, n_layers=1, n_heads=2, hidden_dim=32, num_labels=3
    )
    return type(AutoModelForSequenceClassification.from_config(config)).__name__


@operation
def transformers_save_pretrained() -> object:
    import tempfile

    from transformers import AutoModel, T5Config, T5EncoderModel

    config = T5Config(vocab_size=30, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2)
    with tempfile.TemporaryDirectory() as folder:
        T5EncoderModel(config).save_pretrained(folder)
        return (
            sum(p.numel() for p in T5EncoderModel.from_pretrained(folder).parameters()) > 0
            and AutoModel is not None
        )


@operation
def tokenizers_train() -> object:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(
        ["a small text", "another small text"], trainers.BpeTrainer(special_tokens=["[UNK]"])
    )
    return len(
        PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]")("small text")["input_ids"]
    )


@operation
def pandas_group_and_csv() -> object:
    import pandas as pd

    frame = pd.DataFrame({"k": list("abab"), "v": [1, 2, 3, 4]})
    return pd.read_csv(io.StringIO(frame.groupby("k").v.agg(["sum", "mean"]).to_csv())).to_dict("list")


@operation
def pandas_time_zones() -> object:
    import pandas as pd

    times = pd.date_range("2024-03-30", periods=3, freq="D", tz="Europe/Berlin")
    return [str(t) for t in times.tz_convert("America/New_York")] + [
        times.to_series().resample("2D").count().tolist()
    ]


@operation
def pandas_json_and_style() -> object:
    import pandas as pd

    frame = pd.DataFrame({"a": [1.5, None], "b": pd.Categorical(["x", "y"])})
    return frame.to_json(orient="records") + frame.describe(include="all").to_string()


@operation
def sklearn_forest_parallel() -> object:
    from sklearn.datasets import load_iris
    from sklearn.ensemble import RandomForestClassifier

    x, y = load_iris(return_X_y=True)
    return round(RandomForestClassifier(20, random_state=0, n_jobs=2).fit(x, y).score(x, y), 3)


@operation
def sklearn_grid_search() -> object:
    from sklearn.datasets import load_wine
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    x, y = load_wine(return_X_y=True)
    search = GridSearchCV(make_pipeline(StandardScaler(), SVC()), {"svc__C": [0.1, 1]}, cv=3, n_jobs=2).fit(
        x, y
    )
    return search.best_params_


@operation
def sklearn_cluster_and_persist() -> object:
    import joblib
    from sklearn.cluster import KMeans
    from sklearn.datasets import make_blobs
    from sklearn.manifold import TSNE

    x, _ = make_blobs(40, random_state=0)
    buffer = io.BytesIO()
    joblib.dump(KMeans(3, n_init=2, random_state=0).fit(x), buffer)
    buffer.seek(0)
    return [
        len(set(joblib.load(buffer).predict(x))),
        TSNE(perplexity=5, random_state=0).fit_transform(x).shape,
    ]


@operation
def scipy_and_numpy() -> object:
    import numpy as np
    from scipy import integrate, optimize, signal, sparse, special, stats

    np.testing.assert_allclose(np.linalg.inv(np.eye(3)), np.eye(3))
    values = [
        optimize.minimize(lambda v: (v[0] - 1) ** 2, [0.0]).x[0], integrate.quad(np.sin, 0, 1)[0],
        stats.norm.cdf(1), special.gamma(4.5), sparse.csr_matrix(np.eye(3)).sum(), signal.butter(2, 0.2)[0][0],
    ]  # fmt: skip
    return [round(float(v), 4) for v in values]


@operation
def fastapi_application() -> object:
    import asyncio

    import httpx
    from fastapi import FastAPI
    from pydantic import BaseModel

    class Item(BaseModel):
        name: str
        price: float

    app = FastAPI()

    @app.post("/items")
    def create(item: Item) -> Item:
        return item

    async def ask() -> object:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            good = await client.post("/items", json={"name": "a", "price": 1})
            bad = await client.post("/items", json={"name": "a"})
            schema = await client.get("/openapi.json")
            return [good.json(), bad.status_code, sorted(schema.json()["paths"])]

    return asyncio.run(ask())


@operation
def uvicorn_server_and_tls() -> object:
    import ssl
    import threading
    import time

    import httpx
    import uvicorn

    async def app(scope: dict, receive: object, send: Callable) -> None:  # type: ignore[type-arg]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})

    server = uvicorn.Server(uvicorn.Config(app, port=8123, log_level="error", lifespan="off"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    text = httpx.get("http://127.0.0.1:8123/").text
    server.should_exit = True
    return [text, len(ssl.create_default_context().get_ca_certs()) > 50, httpx.Client() is not None]


@operation
def images_and_metadata() -> object:
    import importlib.metadata as metadata
    import subprocess

    from PIL import Image, ImageDraw, ImageFont

    sizes = []
    for kind in ("PNG", "JPEG", "WEBP", "TIFF", "GIF"):
        picture = Image.new("RGB", (40, 30), "red")
        ImageDraw.Draw(picture).text((2, 2), "a", font=ImageFont.load_default())
        buffer = io.BytesIO()
        picture.save(buffer, kind)
        buffer.seek(0)
        sizes.append(Image.open(buffer).convert("L").resize((20, 15)).size)
    names = ("torch", "transformers", "fastapi", "pandas", "scikit-learn", "httpx", "numpy")
    started = [
        subprocess.run([name, "--help"], capture_output=True).returncode
        for name in ("uvicorn", "f2py", "transformers")
    ]
    return [sizes, all(metadata.version(name) for name in names), started]


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print("\n".join(OPERATIONS))
    else:
        print(repr(OPERATIONS[sys.argv[1]]()))
