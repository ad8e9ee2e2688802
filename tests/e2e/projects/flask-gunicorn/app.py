from flask import Flask, jsonify, request

app = Flask(__name__)


@app.get("/health")
def health():
    return jsonify(status="ok")


@app.post("/sum")
def add():
    return jsonify(sum=sum(request.get_json()["numbers"]))
