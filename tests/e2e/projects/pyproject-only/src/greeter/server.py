from bottle import Bottle

app = Bottle()


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/hello/<name>")
def hello(name):
    return {"hello": name}


def main():
    app.run(host="0.0.0.0", port=9000)
