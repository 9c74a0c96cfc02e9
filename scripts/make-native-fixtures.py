"""Creates test/fixtures/native: small models in the formats of XGBoost (JSON, UBJ) and LightGBM (text), with the libraries' own predictions.

    pip install xgboost-cpu==3.2.0 lightgbm==4.7.0 scikit-learn pandas
    python scripts/make-native-fixtures.py
"""

import json
import pathlib

import lightgbm
import numpy as np
import xgboost
from sklearn.datasets import load_diabetes, load_iris

FOLDER = pathlib.Path(__file__).parent.parent / "test" / "fixtures" / "native"
FOLDER.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(0)
iris = load_iris()
X = np.where(random.random(iris.data.shape) < 0.1, np.nan, iris.data).astype(np.float32)
Y = iris.target
BINARY = (Y == 1).astype(int)
diabetes = load_diabetes()
XD = diabetes.data[:, :5].astype(np.float32)
YD = diabetes.target
CODES = np.stack([random.integers(0, 40, 300), random.integers(0, 5, 300), random.normal(size=300)], axis=1).astype(np.float32)
CODES[::9, 0] = np.nan
IS_ODD = ((CODES[:, 0] % 3 == 1) ^ (CODES[:, 2] > 0.3)).astype(int)
ROWS = 24


def cell(value):
    value = float(value)
    return value if np.isfinite(value) else str(value)


def save(name, rows, predicted):
    predicted = np.asarray(predicted, dtype=np.float64)
    case = {
        "features": rows.shape[1],
        "rows": [cell(v) for v in rows.astype(np.float64).ravel()],
        "scores": [cell(v) for v in predicted.ravel()],
    }
    (FOLDER / f"{name}.expected.json").write_text(json.dumps(case) + "\n")


def xgb(name, params, data, target, rounds=3, form="json", types=None, group=None):
    matrix = xgboost.DMatrix(data, target, feature_types=types, enable_categorical=types is not None)
    if group is not None:
        matrix.set_group(group)
    booster = xgboost.train({"max_depth": 3, "nthread": 1, "seed": 0, **params}, matrix, rounds)
    booster.save_model(FOLDER / f"{name}.{form}")
    rows = data[:ROWS]
    predicted = booster.predict(xgboost.DMatrix(rows, feature_types=types, enable_categorical=types is not None))
    if params["objective"] == "binary:logistic":
        predicted = np.stack([1 - predicted.astype(np.float64), predicted], axis=1)
    save(name, rows, predicted)


FOREST = {"num_parallel_tree": 3, "subsample": 0.7, "learning_rate": 1}
xgb("xgboost-binary", {"objective": "binary:logistic"}, X, BINARY)
xgb("xgboost-binary-ubj", {"objective": "binary:logistic"}, X, BINARY, form="ubj")
xgb("xgboost-classes", {"objective": "multi:softprob", "num_class": 3}, X, Y)
xgb("xgboost-classes-ubj", {"objective": "multi:softprob", "num_class": 3}, X, Y, form="ubj")
xgb("xgboost-forest", {"objective": "multi:softprob", "num_class": 3, **FOREST}, X, Y, rounds=1)
xgb("xgboost-squared", {"objective": "reg:squarederror"}, XD, YD)
xgb("xgboost-logistic", {"objective": "reg:logistic"}, XD, YD / 400)
xgb("xgboost-poisson", {"objective": "count:poisson"}, XD, np.round(YD / 20))
xgb("xgboost-gamma", {"objective": "reg:gamma"}, XD, YD)
xgb("xgboost-tweedie", {"objective": "reg:tweedie"}, XD, YD)
xgb("xgboost-dart", {"objective": "binary:logistic", "booster": "dart", "rate_drop": 0.5}, X, BINARY, rounds=5)
xgb("xgboost-linear", {"objective": "multi:softprob", "num_class": 3, "booster": "gblinear"}, iris.data.astype(np.float32), Y)
xgb("xgboost-targets", {"objective": "reg:squarederror"}, iris.data[:, :2].astype(np.float32), iris.data[:, 2:])
xgb("xgboost-ranking", {"objective": "rank:pairwise"}, XD, (YD > 150).astype(int), group=[42, 200, 200])
xgb("xgboost-categories", {"objective": "binary:logistic", "max_cat_to_onehot": 1}, CODES, IS_ODD, types=["c", "c", "float"])


def lgb(name, params, data, target, rounds=3, categorical="auto", group=None):
    given = {"num_leaves": 6, "min_data_in_leaf": 5, "num_threads": 1, "seed": 0, "verbose": -1, **params}
    data = data.astype(np.float64)
    booster = lightgbm.train(given, lightgbm.Dataset(data, target, categorical_feature=categorical, group=group), rounds)
    booster.save_model(FOLDER / f"{name}.txt", importance_type="split")
    rows = data[:ROWS]
    predicted = booster.predict(rows)
    if params["objective"] == "binary":
        predicted = np.stack([1 - predicted, predicted], axis=1)
    save(name, rows, predicted)


lgb("lightgbm-binary", {"objective": "binary"}, X, BINARY)
lgb("lightgbm-sigmoid", {"objective": "binary", "sigmoid": 0.7}, X, BINARY)
lgb("lightgbm-classes", {"objective": "multiclass", "num_class": 3}, X, Y)
lgb("lightgbm-ova", {"objective": "multiclassova", "num_class": 3}, X, Y)
lgb("lightgbm-regression", {"objective": "regression"}, XD, YD)
lgb("lightgbm-sqrt", {"objective": "regression", "reg_sqrt": True}, XD, YD)
lgb("lightgbm-poisson", {"objective": "poisson"}, XD, np.round(YD / 20))
lgb("lightgbm-gamma", {"objective": "gamma"}, XD, YD)
lgb("lightgbm-tweedie", {"objective": "tweedie"}, XD, YD)
lgb("lightgbm-entropy", {"objective": "cross_entropy"}, XD, YD / 400)
lgb("lightgbm-entropy-lambda", {"objective": "cross_entropy_lambda"}, XD, YD / 400)
lgb("lightgbm-forest", {"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.7}, X, BINARY)
lgb("lightgbm-dart", {"objective": "binary", "boosting": "dart"}, X, BINARY, rounds=5)
lgb("lightgbm-zero-missing", {"objective": "binary", "zero_as_missing": True}, np.where(X < 1, 0, X), BINARY)
lgb("lightgbm-no-missing", {"objective": "binary", "use_missing": False}, X, BINARY)
lgb("lightgbm-ranking", {"objective": "lambdarank"}, XD, (YD > 150).astype(int), group=[42, 200, 200])
lgb("lightgbm-categories", {"objective": "binary", "min_data_per_group": 5, "max_cat_to_onehot": 1}, CODES, IS_ODD, categorical=[0, 1])
