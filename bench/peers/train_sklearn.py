"""scikit-learn's part of bench/train.ts: reads one JSON request per line from stdin and writes one JSON response per line.

A data file contains little-endian float64 in row-major order: the features, then the target.
"""

import json
import sys
import time

import numpy as np
import sklearn
from sklearn import datasets
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict

DATASETS = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast cancer": datasets.load_breast_cancer,
    "digits": datasets.load_digits,
}


def read(request):
    table = np.fromfile(request["file"], dtype="<f8").reshape(-1, request["width"] + 1)
    return table[:, :-1].astype(np.float32), table[:, -1]


def version(_):
    return {"version": sklearn.__version__, "datasets": list(DATASETS)}


def export(request):
    X, y = DATASETS[request["dataset"]](return_X_y=True)
    np.column_stack([X, y]).astype("<f8").tofile(request["file"])
    return {"count": X.shape[0], "width": X.shape[1]}


def forest(request, **options):
    kind = RandomForestRegressor if request["task"] == "regression" else RandomForestClassifier
    features = 1.0 if request["task"] == "regression" else "sqrt"
    return kind(
        request["trees"],
        max_depth=request.get("maxDepth"),
        max_features=features,
        random_state=request["seed"],
        n_jobs=1,
        **options,
    )


def fit(request):
    """Computes out-of-bag scores too, as Tepal does."""
    X, y = read(request)
    model = forest(request, oob_score=True)
    start = time.process_time()
    model.fit(X, y)
    seconds = time.process_time() - start
    nodes = sum(tree.tree_.node_count for tree in model.estimators_)
    return {"cpuSeconds": seconds, "nodes": nodes, "outOfBag": model.oob_score_}


def validate(request):
    X, y = read(request)
    if request["task"] == "regression":
        folds = KFold(5, shuffle=True, random_state=request["seed"])
        error = cross_val_predict(forest(request), X, y, cv=folds) - y
        total = np.sum((y - y.mean()) ** 2)
        return {"rSquared": 1 - np.sum(error**2) / total, "rmse": np.sqrt(np.mean(error**2))}
    folds = StratifiedKFold(5, shuffle=True, random_state=request["seed"])
    shares = cross_val_predict(forest(request), X, y, cv=folds, method="predict_proba")
    true = shares[np.arange(len(y)), y.astype(int)]
    return {
        "accuracy": np.mean(np.argmax(shares, axis=1) == y),
        "logLoss": -np.mean(np.log(np.clip(true, 1e-15, 1))),
    }


OPERATIONS = {"version": version, "export": export, "fit": fit, "validate": validate}

for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(OPERATIONS[request["operation"]](request)), flush=True)
