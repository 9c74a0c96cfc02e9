"""The scenario of ../iris/loadtest.ts for Locust: locust -f examples/locust/locustfile.py -H http://127.0.0.1:8000"""

import csv
import random
from pathlib import Path

from locust import HttpUser, between, task

FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
with (Path(__file__).parent / "../iris/iris.csv").open() as file:
    ROWS = [[float(row[name]) for name in FEATURES] for row in csv.DictReader(file)]
# Largest difference from a training value in cm.
NOISE = 0.05
OUTLIER_SHARE = 0.05


class IrisUser(HttpUser):
    wait_time = between(1, 3)

    @task(3)
    def predict(self):
        far = 10 if random.random() < OUTLIER_SHARE else 1
        values = random.choice(ROWS)
        row = {
            name: far * (value + random.uniform(-NOISE, NOISE))
            for name, value in zip(FEATURES, values)
        }
        with self.client.post("/predict", json=row, catch_response=True) as reply:
            if reply.ok and "label" not in reply.json():
                reply.failure("check: has a class")

    @task
    def root(self):
        self.client.get("/")

    @task
    def metrics(self):
        self.client.get("/metrics")
