"""Writes a trained model with its data and predictions, for `tepal import`.

    from export import export
    export(model, X, y, folder="wine")

writes wine/model.onnx (scikit-learn), wine/model.json (XGBoost) or wine/model.txt (LightGBM), wine/data.csv and wine/expected.csv,
and returns the command that imports them under the name of the folder. scikit-learn models require skl2onnx and pandas, the others pandas.
"""

import json
import pathlib

import pandas


def export(model, X, y, folder, target="target", rows=1000):
    """Exports a fitted model.

    X: the training data, a DataFrame or an array of numbers, one column for each feature.
    y: the target. At most `rows` rows are written, the first ones.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    frame = X if hasattr(X, "columns") else pandas.DataFrame(X, columns=[f"f{i}" for i in range(X.shape[1])])
    frame = frame.iloc[:rows].reset_index(drop=True)
    given = frame if hasattr(X, "columns") else frame.to_numpy()

    data = frame.copy()
    data[target] = list(y[: len(frame)])
    data.to_csv(folder / "data.csv", index=False)

    if hasattr(model, "predict_proba"):
        expected = pandas.DataFrame(model.predict_proba(given), columns=[str(each) for each in model.classes_])
    else:
        expected = pandas.DataFrame(model.predict(given))
    expected.to_csv(folder / "expected.csv", index=False)

    file = save_model(model, frame, folder)
    files = f"{file} --data {folder / 'data.csv'} --target {target} --expect {folder / 'expected.csv'}"
    return f"tepal import {files} --name {folder.resolve().name}"


def save_model(model, frame, folder):
    library = type(model).__module__.split(".")[0]
    if library == "xgboost":
        model.save_model(folder / "model.json")
        return folder / "model.json"
    if library == "lightgbm":
        model.booster_.save_model(folder / "model.txt")
        return folder / "model.txt"

    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    # One float input; ZipMap off, since it only repeats the names of the classes.
    graph = to_onnx(
        model,
        initial_types=[("features", FloatTensorType([None, frame.shape[1]]))],
        options={"zipmap": False} if hasattr(model, "predict_proba") else None,
        target_opset={"": 18, "ai.onnx.ml": 3},
    )
    entry = graph.metadata_props.add()
    entry.key = "feature_names"
    entry.value = json.dumps([str(column) for column in frame.columns])
    (folder / "model.onnx").write_bytes(graph.SerializeToString())
    return folder / "model.onnx"
