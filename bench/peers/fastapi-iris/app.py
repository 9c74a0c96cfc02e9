"""A typical FastAPI service: a forest and, with METRICS=1, two Prometheus metrics from a middleware.

MODEL is the forest: that of scikit-learn, or the ONNX file of Tepal's model, which onnxruntime computes, with its LABELS. A prediction
returns label and probabilities from a single pass through the forest. The handler is `async def`, which avoids the cost of a thread.
"""

import os
import time

import numpy as np
from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from pydantic import BaseModel



def load(path: str):
    """Returns the labels, and a function from rows to the shares of the classes."""
    if path.endswith(".onnx"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, options)
        name = session.get_inputs()[0].name
        return os.environ["LABELS"].split(","), lambda rows: session.run(None, {name: rows.astype(np.float32)})[1]
    import joblib

    model = joblib.load(path)
    return [str(label) for label in model.classes_], model.predict_proba


labels, predict_shares = load(os.environ["MODEL"])
app = FastAPI()


class Flower(BaseModel):
    sepal_length: float
    sepal_width: float
    petal_length: float
    petal_width: float


class Prediction(BaseModel):
    prediction: int
    label: str
    probabilities: dict[str, float]


if os.environ.get("METRICS") == "1":
    requests = Counter("api_requests_total", "Requests", ["method", "endpoint", "status"])
    latency = Histogram("api_request_latency_seconds", "Latency", ["endpoint"])

    @app.middleware("http")
    async def measure(request: Request, call_next):
        start = time.perf_counter()
        response = await call_next(request)
        path = request.url.path
        latency.labels(path).observe(time.perf_counter() - start)
        requests.labels(request.method, path, response.status_code).inc()
        return response

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@app.post("/predict")
async def predict(flower: Flower) -> Prediction:
    row = np.array([[flower.sepal_length, flower.sepal_width, flower.petal_length, flower.petal_width]])
    shares = predict_shares(row)[0]
    best = int(shares.argmax())
    return Prediction(prediction=best, label=labels[best], probabilities=dict(zip(labels, shares.tolist())))
