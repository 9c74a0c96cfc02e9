"""The same model as a BentoML service with one worker."""

import os

import bentoml
import joblib
import numpy as np


@bentoml.service(workers=1)
class Iris:
    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])
        self.labels = [str(label) for label in self.model.classes_]

    @bentoml.api
    async def predict(
        self, sepal_length: float, sepal_width: float, petal_length: float, petal_width: float
    ) -> dict:
        shares = self.model.predict_proba(np.array([[sepal_length, sepal_width, petal_length, petal_width]]))[0]
        best = int(shares.argmax())
        return {
            "prediction": best,
            "label": self.labels[best],
            "probabilities": dict(zip(self.labels, shares.tolist())),
        }
