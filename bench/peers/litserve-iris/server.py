"""A LitServe server with onnxruntime, on the ONNX file of Tepal's model: one worker, no metrics. PORT and MODEL are its settings."""

import os

import litserve
import numpy as np
import onnxruntime

NAMES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
LABELS = os.environ["LABELS"].split(",")


class Iris(litserve.LitAPI):
    def setup(self, device: str) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.environ["MODEL"], options)
        self.input = self.session.get_inputs()[0].name

    def decode_request(self, request: dict) -> np.ndarray:
        return np.array([[request[name] for name in NAMES]], dtype=np.float32)

    def predict(self, row: np.ndarray) -> np.ndarray:
        return self.session.run(None, {self.input: row})[1][0]

    def encode_response(self, shares: np.ndarray) -> dict:
        best = int(shares.argmax())
        return {
            "prediction": best,
            "label": LABELS[best],
            "probabilities": dict(zip(LABELS, shares.tolist())),
        }


if __name__ == "__main__":
    server = litserve.LitServer(Iris(), accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        num_api_servers=1,
        log_level="warning",
        access_log=False,
        generate_client_file=False,
    )
