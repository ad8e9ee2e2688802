import bottle


@bottle.get("/health")
def health():
    return {"status": "ok"}


bottle.run(host="0.0.0.0", port=8000)
