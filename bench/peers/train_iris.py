"""Trains the model of the Python servers: a random forest of 128 trees on examples/iris/iris.csv, as Tepal does. Writes it to $MODEL."""

import csv
import os
from pathlib import Path

import joblib
from sklearn.ensemble import RandomForestClassifier

TREES = 128
DATA = Path(__file__).parents[2] / "examples" / "iris" / "iris.csv"


def train(path: str) -> None:
    with DATA.open() as file:
        rows = list(csv.reader(file))[1:]
    inputs = [[float(cell) for cell in row[:4]] for row in rows]
    joblib.dump(RandomForestClassifier(TREES, random_state=42).fit(inputs, [row[4] for row in rows]), path)


if __name__ == "__main__":
    train(os.environ["MODEL"])
