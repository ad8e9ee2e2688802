import bottle
import humanize


@bottle.get("/health")
def health():
    return {"status": "ok", "size": humanize.naturalsize(1500)}


bottle.run(host="0.0.0.0", port=8000)
