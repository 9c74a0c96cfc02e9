"""Creates test/fixtures/engine: small graphs with operators that Tepal does not compute, as people export them.

Each NAME.onnx has a NAME.json with inputs and the outputs of onnxruntime for them on one thread, ZipMap left out.

    pip install scikit-learn==1.9.1 skl2onnx==1.20.0 onnx==1.23.2 onnxruntime==1.32.0 pandas
    python scripts/make-engine-fixtures.py
"""

import json
import pathlib
import warnings

import numpy as np
import onnx
import pandas
from fixture_cases import open_session, to_case
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType, StringTensorType
from sklearn import ensemble, gaussian_process, multiclass, neighbors, preprocessing
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.impute import KNNImputer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

warnings.filterwarnings("ignore")
FOLDER = pathlib.Path(__file__).parent.parent / "test" / "fixtures" / "engine"
ROWS = 12
random = np.random.default_rng(0)
iris = load_iris()
KEPT = random.permutation(150)[:40]
X, Y = iris.data[KEPT].astype(np.float32), iris.target[KEPT]
NAMES = iris.target_names[Y]
diabetes = load_diabetes()
DX, DY = diabetes.data[:40, :4].astype(np.float32), diabetes.target[:40]


def save(name, model, feeds):
    model.graph.name = name
    session = open_session(model)
    rows = len(next(iter(feeds.values())))
    # Row by row: some graphs take one row only.
    runs = [session.run(None, {key: value[i : i + 1] for key, value in feeds.items()}) for i in range(rows)]
    outputs = [np.concatenate([np.asarray(run[o]).reshape(1, -1) for run in runs]) for o in range(len(runs[0]))]
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString())
    (FOLDER / f"{name}.json").write_text(json.dumps(to_case(session, feeds, outputs)) + "\n")
    print(f"{name}: {len(model.SerializeToString())} bytes, {sorted({n.op_type for n in model.graph.node})}")


def sklearn(name, estimator, data=X, target=Y, dtype=np.float32, zipmap=False):
    estimator.fit(data, target)
    kind = {np.float32: FloatTensorType, np.float64: DoubleTensorType, np.int64: Int64TensorType}[dtype]
    given = {"zipmap": zipmap} if hasattr(estimator, "predict_proba") else {}
    model = to_onnx(
        estimator,
        initial_types=[("X", kind([None, data.shape[1]]))],
        options={id(estimator): given} if given else None,
        target_opset={"": 18, "ai.onnx.ml": 3},
    )
    save(name, model, {"X": data[random.permutation(len(data))[:ROWS]].astype(dtype)})


def attempt(make, name, *args, **given):
    try:
        make(name, *args, **given)
    except Exception as error:  # a converter that does not know an estimator, or an operator that onnxruntime does not have
        print(f"{name}: not exported: {str(error).splitlines()[0][:160]}")


knn = neighbors.KNeighborsClassifier
attempt(sklearn, "knn-zipmap", knn(3), zipmap=True)
attempt(sklearn, "knn-strings", knn(3), target=NAMES)
attempt(sklearn, "knn-strings-zipmap", knn(3, weights="distance"), target=NAMES, zipmap=True)
attempt(sklearn, "knn-manhattan", knn(3, metric="manhattan"))
attempt(sklearn, "knn-integers", knn(3), data=np.round(X * 10).astype(np.int64), dtype=np.int64)
attempt(sklearn, "knn-double", knn(3), data=X.astype(np.float64), dtype=np.float64)
attempt(sklearn, "knn-regression", neighbors.KNeighborsRegressor(3), data=DX, target=DY)
attempt(sklearn, "knn-scaled", make_pipeline(preprocessing.StandardScaler(), knn(3)), zipmap=True)
attempt(sklearn, "radius", neighbors.RadiusNeighborsRegressor(1.5), target=X[:, 0])
attempt(sklearn, "centroid", neighbors.NearestCentroid())
attempt(sklearn, "imputed-forest", make_pipeline(KNNImputer(), ensemble.RandomForestClassifier(3, max_depth=2, random_state=0)))
kernel = gaussian_process.kernels.RBF()
attempt(sklearn, "process", gaussian_process.GaussianProcessRegressor(kernel, alpha=1e-2), data=DX, target=DY)
attempt(
    sklearn,
    "process-double",
    gaussian_process.GaussianProcessRegressor(kernel, alpha=1e-2),
    data=DX.astype(np.float64),
    target=DY,
    dtype=np.float64,
)
attempt(
    sklearn,
    "process-classifier",
    gaussian_process.GaussianProcessClassifier(kernel),
    data=X.astype(np.float64),
    target=(Y == 1).astype(int),
    dtype=np.float64,
)
attempt(sklearn, "one-vs-one-linear", multiclass.OneVsOneClassifier(LinearSVC(random_state=0)))
attempt(sklearn, "outlier-factor", neighbors.LocalOutlierFactor(5, novelty=True))


def titanic(name):
    """Strings and numbers, one input for each column, before neighbors."""
    frame = pandas.DataFrame(
        {
            "age": random.uniform(1, 80, 40).astype(np.float32),
            "fare": random.uniform(5, 90, 40).astype(np.float32),
            "sex": random.choice(["female", "male"], 40),
            "port": random.choice(["C", "Q", "S"], 40),
        }
    )
    encoder = preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer([("n", preprocessing.StandardScaler(), ["age", "fare"]), ("c", encoder, ["sex", "port"])])
    model = make_pipeline(columns, knn(3)).fit(frame, frame.age > 30)
    types = [(c, StringTensorType([None, 1]) if frame[c].dtype.kind in "OUT" else FloatTensorType([None, 1])) for c in frame]
    graph = to_onnx(model, initial_types=types, options={"zipmap": False}, target_opset={"": 18, "ai.onnx.ml": 3})
    part = frame[:ROWS]
    feeds = {
        c: part[[c]].to_numpy(np.float32 if part[c].dtype.kind == "f" else object) for c in frame
    }
    save(name, graph, feeds)


attempt(titanic, "titanic-knn")


def network(name, rows, nodes, outputs, weights):
    """A network as PyTorch and Keras export it."""
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [rows, 4])],
        [helper.make_tensor_value_info(each, kind, [rows, *rest]) for each, kind, rest in outputs],
        [numpy_helper.from_array(np.asarray(value), key) for key, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    save(name, model, {"input": X[:ROWS]})


def uniform(*shape):
    return random.uniform(-1, 1, shape).astype(np.float32)


WEIGHTS = {"w1": uniform(8, 4), "b1": uniform(8), "s": uniform(8), "o": uniform(8), "m": uniform(8), "v": uniform(8) ** 2 + 1, "w2": uniform(3, 8), "b2": uniform(3)}
HIDDEN = [
    helper.make_node("Gemm", ["input", "w1", "b1"], ["h1"], transB=1),
    helper.make_node("BatchNormalization", ["h1", "s", "o", "m", "v"], ["h2"]),
    helper.make_node("LeakyRelu", ["h2"], ["h3"], alpha=0.1),
    helper.make_node("Gemm", ["h3", "w2", "b2"], ["logits"], transB=1),
]
SOFTMAX = helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1)
ARGMAX = helper.make_node("ArgMax", ["logits"], ["label"], axis=1, keepdims=0)
LABEL, SCORES = ("label", TensorProto.INT64, []), ("probabilities", TensorProto.FLOAT, [3])
attempt(network, "network", "batch", [*HIDDEN, SOFTMAX, ARGMAX], [LABEL, SCORES], WEIGHTS)
attempt(network, "network-one-row", 1, [*HIDDEN, SOFTMAX, ARGMAX], [LABEL, SCORES], WEIGHTS)
attempt(network, "network-scores", "batch", HIDDEN, [("logits", TensorProto.FLOAT, [3])], WEIGHTS)
attempt(
    network,
    "network-gelu",
    "batch",
    [
        helper.make_node("Gemm", ["input", "w1", "b1"], ["h1"], transB=1),
        helper.make_node("Erf", ["h1"], ["e"]),
        helper.make_node("Mul", ["h1", "e"], ["h2"]),
        helper.make_node("LayerNormalization", ["h2", "s", "o"], ["h3"]),
        helper.make_node("Gemm", ["h3", "w2", "b2"], ["logits"], transB=1),
        helper.make_node("Elu", ["logits"], ["y"]),
    ],
    [("y", TensorProto.FLOAT, [3])],
    WEIGHTS,
)
QUANTIZED = {
    "w": random.integers(0, 255, (4, 3)).astype(np.uint8),
    "ws": np.float32(0.02),
    "wz": np.uint8(128),
    "b": uniform(3),
}
attempt(
    network,
    "network-quantized",
    "batch",
    [
        helper.make_node("DynamicQuantizeLinear", ["input"], ["q", "scale", "zero"]),
        helper.make_node("MatMulInteger", ["q", "w", "zero", "wz"], ["i"]),
        helper.make_node("Cast", ["i"], ["f"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["scale", "ws"], ["factor"]),
        helper.make_node("Mul", ["f", "factor"], ["p"]),
        helper.make_node("Add", ["p", "b"], ["y"]),
    ],
    [("y", TensorProto.FLOAT, [3])],
    QUANTIZED,
)
