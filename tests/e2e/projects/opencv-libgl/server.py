import json
from http.server import BaseHTTPRequestHandler, HTTPServer

import cv2
import numpy as np


class Edges(BaseHTTPRequestHandler):
    def do_GET(self):
        image = np.zeros((64, 64), np.uint8)
        cv2.rectangle(image, (16, 16), (48, 48), 255, -1)
        found = int((cv2.Canny(image, 50, 150) > 0).sum())
        body = json.dumps({"path": self.path, "edge_pixels": found}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)


HTTPServer(("0.0.0.0", 8080), Edges).serve_forever()
