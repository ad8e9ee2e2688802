import bottle
import markupsafe


@bottle.get("/health")
def health():
    return {"safe": str(markupsafe.escape("<tally>"))}


def main():
    bottle.run(host="0.0.0.0", port=8000)
