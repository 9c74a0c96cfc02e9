"""The scenario of ../iris/loadtest.ts for Locust: locust -f examples/locust/locustfile.py -H http://127.0.0.1:8000"""

import random

from locust import HttpUser, between, task

# Smallest and largest value of each feature in the training data.
RANGES = {
    "sepal_length": (4.3, 7.9),
    "sepal_width": (2.0, 4.4),
    "petal_length": (1.0, 6.9),
    "petal_width": (0.1, 2.5),
}
OUTLIER_SHARE = 0.05


class IrisUser(HttpUser):
    wait_time = between(1, 3)

    @task(3)
    def predict(self):
        far = 10 if random.random() < OUTLIER_SHARE else 1
        row = {name: random.uniform(*bounds) * far for name, bounds in RANGES.items()}
        with self.client.post("/predict", json=row, catch_response=True) as reply:
            if reply.ok and "label" not in reply.json():
                reply.failure("check: has a class")

    @task
    def root(self):
        self.client.get("/")

    @task
    def metrics(self):
        self.client.get("/metrics")
