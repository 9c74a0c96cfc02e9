"""Creates test/fixtures/onnx: small models exported from scikit-learn, XGBoost and LightGBM.

Each NAME.onnx has a NAME.json with rows and the predictions of onnxruntime for them on one thread. Rows include training
data, missing values where the library supports them, and values at and next to thresholds.

    pip install scikit-learn==1.2.1 skl2onnx onnxmltools onnxruntime xgboost lightgbm
    python scripts/make-onnx-fixtures.py
"""

import json
import pathlib

import lightgbm
import numpy as np
import onnx
import onnxruntime
import xgboost
from fixture_cases import open_session, to_json
from onnxmltools.convert import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import DoubleTensorType as ToolsDouble
from onnxmltools.convert.common.data_types import FloatTensorType as ToolsFloat
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from sklearn.datasets import load_diabetes, load_iris, load_wine
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier

FOLDER = pathlib.Path(__file__).parent.parent / "test" / "fixtures" / "onnx"
iris = load_iris()
wine = load_wine()
diabetes = load_diabetes()
X = iris.data.astype(np.float32)
X_WINE = wine.data.astype(np.float32)
X_DIABETES = diabetes.data.astype(np.float32)
BINARY = (iris.target == 1).astype(np.int64)
NAMES = iris.target_names[iris.target].astype(str)


def thresholds_of(model):
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name == "nodes_values":
                return list(attribute.floats)
            if attribute.name == "nodes_values_as_tensor":
                return list(onnx.numpy_helper.to_array(attribute.t))
    return []


def make_rows(model, data, missing, dtype):
    """Returns 30 rows of the data, and 30 with some values at thresholds, next to them, or missing."""
    random = np.random.default_rng(0)
    rows = [row for row in data[random.permutation(len(data))[:30]]]
    limits = np.array(thresholds_of(model), dtype=dtype)
    for _ in range(30):
        row = data[random.integers(len(data))].copy()
        for column in range(len(row)):
            kind = random.integers(8)
            if kind == 0:
                row[column] = random.choice(limits)
            elif kind == 1:
                row[column] = np.nextafter(random.choice(limits), dtype(np.inf), dtype=dtype)
            elif kind == 2 and missing:
                row[column] = np.nan
            elif kind == 3 and random.integers(4) == 0:
                row[column] = random.choice([-np.inf, np.inf, 0.0])
        rows.append(row)
    return np.array(rows, dtype=dtype)


def save(name, model, data, missing=False, dtype=np.float32):
    for key in list(model.metadata_props):
        model.metadata_props.remove(key)
    model.doc_string = ""
    model.graph.name = name  # onnxmltools uses a random one
    rows = make_rows(model, data, missing, dtype)
    session = open_session(model)
    outputs = session.run(None, {session.get_inputs()[0].name: rows})
    scores = next(output for output in outputs if output.dtype == np.float32)
    labels = [output for output in outputs if output.dtype != np.float32]
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))
    case = {
        "features": rows.shape[1],
        "rows": [to_json(float(value)) for value in rows.ravel()],
        "scores": [to_json(float(value)) for value in scores.ravel()],
        "labels": labels[0].ravel().tolist() if labels else [],
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(case) + "\n")
    size = (FOLDER / f"{name}.onnx").stat().st_size
    print(f"{name}: {size} bytes, onnxruntime {onnxruntime.__version__}")


def sklearn(name, estimator, data, target, zipmap=False, double=False):
    dtype = np.float64 if double else np.float32
    estimator.fit(data, target)
    is_classifier = hasattr(estimator, "predict_proba")
    kind = DoubleTensorType if double else FloatTensorType
    model = to_onnx(
        estimator,
        initial_types=[("X", kind([None, data.shape[1]]))],
        options={"zipmap": zipmap} if is_classifier else None,
        target_opset={"": 15, "ai.onnx.ml": 3},
    )
    save(name, model, data.astype(dtype), dtype=dtype)


sklearn("sklearn-forest", RandomForestClassifier(10, max_depth=4, random_state=0), X, iris.target)
sklearn(
    "sklearn-forest-zipmap", RandomForestClassifier(5, max_depth=4, random_state=1), X, NAMES, zipmap=True
)
sklearn("sklearn-forest-binary", RandomForestClassifier(8, max_depth=4, random_state=0), X, BINARY)
sklearn("sklearn-tree", DecisionTreeClassifier(random_state=0), X_WINE, wine.target + 5)
sklearn("sklearn-extra-trees", ExtraTreesClassifier(6, max_depth=4, random_state=0), X_WINE, wine.target)
sklearn(
    "sklearn-boosting", GradientBoostingClassifier(n_estimators=8, random_state=0), X, iris.target
)
sklearn(
    "sklearn-boosting-binary",
    GradientBoostingClassifier(n_estimators=10, random_state=0),
    X,
    NAMES == "virginica",
)
sklearn(
    "sklearn-forest-regression",
    RandomForestRegressor(6, max_depth=4, random_state=0),
    X_DIABETES,
    diabetes.target,
)
sklearn(
    "sklearn-forest-targets",
    RandomForestRegressor(5, max_depth=4, random_state=0),
    X[:, :2],
    X[:, 2:],
)
sklearn(
    "sklearn-boosting-regression",
    GradientBoostingRegressor(n_estimators=10, random_state=0),
    X_DIABETES,
    diabetes.target,
)
sklearn(
    "sklearn-forest-double",
    RandomForestClassifier(5, max_depth=4, random_state=0),
    iris.data,
    iris.target,
    double=True,
)


def with_holes(data):
    holes = np.random.default_rng(1).random(data.shape) < 0.1
    return np.where(holes, np.nan, data).astype(np.float32)


def xgb(name, estimator, data, target):
    estimator.fit(data, target)
    model = convert_xgboost(estimator, initial_types=[("X", ToolsFloat([None, data.shape[1]]))], target_opset=15)
    save(name, model, data, missing=True)


XGB = {"n_estimators": 8, "max_depth": 3, "random_state": 0, "n_jobs": 1}
xgb("xgboost-binary", xgboost.XGBClassifier(**XGB), with_holes(X), BINARY)
xgb("xgboost-classes", xgboost.XGBClassifier(**XGB), with_holes(X), iris.target)
xgb("xgboost-regression", xgboost.XGBRegressor(**XGB), with_holes(X_DIABETES), diabetes.target)

LGB = {"n_estimators": 8, "num_leaves": 8, "random_state": 0, "n_jobs": 1, "verbose": -1}


def lgb(name, estimator, data, target, **fit):
    estimator.fit(data, target, **fit)
    model = convert_lightgbm(
        estimator,
        initial_types=[("X", ToolsFloat([None, data.shape[1]]))],
        target_opset=15,
        zipmap=False,
    )
    save(name, model, data, missing=True)


lgb("lightgbm-binary", lightgbm.LGBMClassifier(**LGB), with_holes(X), BINARY)
lgb("lightgbm-classes", lightgbm.LGBMClassifier(**LGB), with_holes(X), iris.target)
lgb("lightgbm-regression", lightgbm.LGBMRegressor(**LGB), with_holes(X_DIABETES), diabetes.target)

# LightGBM exports categories as chains of BRANCH_EQ whose true branches share a child.
random = np.random.default_rng(3)
CATEGORIES = np.stack(
    [random.integers(0, 12, 400), random.integers(0, 5, 400), random.normal(size=400)], axis=1
).astype(np.float32)
CATEGORY_TARGET = ((CATEGORIES[:, 0] % 3 == 1) ^ (CATEGORIES[:, 2] > 0.3)).astype(np.int64)
lgb(
    "lightgbm-categories",
    lightgbm.LGBMClassifier(**{**LGB, "min_child_samples": 5}),
    CATEGORIES,
    CATEGORY_TARGET,
    categorical_feature=[0, 1],
)
