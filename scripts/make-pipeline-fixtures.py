"""Creates test/fixtures/pipelines: small graphs with preprocessing, linear models, or several estimators, as converters export them.

Each NAME.onnx has a NAME.json with inputs and the outputs of onnxruntime for them on one thread.

    pip install scikit-learn==1.9.1 skl2onnx==1.20.0 onnxmltools==1.16.0 onnxruntime==1.32.0 xgboost-cpu lightgbm pandas
    python scripts/make-pipeline-fixtures.py
"""

import json
import pathlib
import warnings

import lightgbm
import numpy as np
import pandas
import xgboost
from fixture_cases import open_session, to_case
from onnxmltools.convert import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as ToolsFloat
from skl2onnx import to_onnx
from skl2onnx.common.data_types import BooleanTensorType, DoubleTensorType, FloatTensorType, Int64TensorType, StringTensorType
from sklearn import discriminant_analysis, ensemble, feature_selection, linear_model, naive_bayes, neural_network, preprocessing, svm
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.impute import SimpleImputer
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

warnings.filterwarnings("ignore")
FOLDER = pathlib.Path(__file__).parent.parent / "test" / "fixtures" / "pipelines"
iris = load_iris()
X = iris.data.astype(np.float32)
Y = iris.target
BINARY = (Y == 1).astype(np.int64)
NAMES = iris.target_names[Y].astype(str)
diabetes = load_diabetes()
XD = diabetes.data[:, :5].astype(np.float32)
YD = diabetes.target
COUNTS = np.round(YD / 20).astype(np.int64)
ROWS = 16
random = np.random.default_rng(0)


def save(name, model, feeds):
    for key in list(model.metadata_props):
        model.metadata_props.remove(key)
    model.doc_string = ""
    model.graph.name = name
    session = open_session(model)
    outputs = session.run(None, feeds)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))
    (FOLDER / f"{name}.json").write_text(json.dumps(to_case(session, feeds, outputs)) + "\n")
    print(f"{name}: {(FOLDER / f'{name}.onnx').stat().st_size} bytes")


def attempt(name, make):
    try:
        make()
    except Exception as error:  # a converter that does not know an estimator
        print(f"{name}: not exported: {str(error).splitlines()[0][:120]}")


def sklearn(name, estimator, data=X, target=Y, dtype=np.float32, zipmap=False, options=None):
    def make():
        estimator.fit(data, target)
        kind = {np.float32: FloatTensorType, np.float64: DoubleTensorType, np.int64: Int64TensorType, np.bool_: BooleanTensorType}[dtype]
        given = dict(options or {})
        if hasattr(estimator, "predict_proba"):
            given["zipmap"] = zipmap
        model = to_onnx(
            estimator,
            initial_types=[("X", kind([None, data.shape[1]]))],
            options=given if hasattr(estimator, "predict_proba") else None,
            target_opset={"": 18, "ai.onnx.ml": 3},
        )
        save(name, model, {"X": data[random.permutation(len(data))[:ROWS]].astype(dtype)})

    attempt(name, make)


scaler = preprocessing.StandardScaler
logistic = lambda **given: linear_model.LogisticRegression(max_iter=200, **given)
forest = lambda **given: ensemble.RandomForestClassifier(3, max_depth=2, random_state=0, **given)

sklearn("logistic", logistic())
sklearn("logistic-binary", logistic(), target=BINARY)
sklearn("logistic-strings", logistic(), target=NAMES, zipmap=True)
sklearn("scaler-logistic", make_pipeline(scaler(), logistic()), zipmap=True)
sklearn("scaler-logistic-double", make_pipeline(scaler(), logistic()), dtype=np.float64)
sklearn("minmax-logistic", make_pipeline(preprocessing.MinMaxScaler(), logistic()))
sklearn("maxabs-logistic", make_pipeline(preprocessing.MaxAbsScaler(), logistic()))
sklearn("robust-forest", make_pipeline(preprocessing.RobustScaler(), forest()))
sklearn("scaler-forest", make_pipeline(scaler(), forest()), target=NAMES, zipmap=True)
for norm in ("l1", "l2", "max"):
    sklearn(f"normalizer-{norm}", make_pipeline(preprocessing.Normalizer(norm), logistic()))
sklearn("binarizer", make_pipeline(preprocessing.Binarizer(threshold=2.5), logistic()))
sklearn("bins", make_pipeline(preprocessing.KBinsDiscretizer(3, encode="ordinal", quantile_method="averaged_inverted_cdf"), logistic()))
sklearn("polynomial", make_pipeline(preprocessing.PolynomialFeatures(2), scaler(), logistic()))
sklearn("pca", make_pipeline(scaler(), PCA(2), logistic()))
sklearn("svd", make_pipeline(TruncatedSVD(2, random_state=0), logistic()))
sklearn("union", make_pipeline(make_union(scaler(), PCA(2)), logistic()))
sklearn("select", make_pipeline(feature_selection.SelectKBest(k=2), forest()))
sklearn("power", make_pipeline(preprocessing.PowerTransformer(), logistic()))
holes = np.where(random.random(X.shape) < 0.15, np.nan, X).astype(np.float32)
sklearn("imputer-forest", make_pipeline(SimpleImputer(strategy="median"), forest()), data=holes)
sklearn("imputer-scaler-logistic", make_pipeline(SimpleImputer(), scaler(), logistic()), data=holes)
sklearn("lda", discriminant_analysis.LinearDiscriminantAnalysis())
sklearn("qda", discriminant_analysis.QuadraticDiscriminantAnalysis())
sklearn("sgd-log", make_pipeline(scaler(), linear_model.SGDClassifier(loss="log_loss", random_state=0)))
sklearn("gaussian-nb", naive_bayes.GaussianNB())
sklearn("multinomial-nb", naive_bayes.MultinomialNB())
sklearn("bernoulli-nb", naive_bayes.BernoulliNB(binarize=2.5))
sklearn("complement-nb", naive_bayes.ComplementNB())
sklearn("mlp", neural_network.MLPClassifier(hidden_layer_sizes=(5,), max_iter=50, random_state=0))
sklearn("mlp-binary-tanh", neural_network.MLPClassifier(hidden_layer_sizes=(4,), activation="tanh", max_iter=50, random_state=0), target=BINARY)
sklearn("mlp-regression", neural_network.MLPRegressor(hidden_layer_sizes=(4,), activation="logistic", max_iter=50, random_state=0), data=XD, target=YD)
few = slice(None, None, 4)
sklearn("svc-rbf", svm.SVC(), data=X[few], target=Y[few])
sklearn("svc-linear-binary", svm.SVC(kernel="linear"), data=X[few], target=BINARY[few])
sklearn("svc-poly", svm.SVC(kernel="poly", degree=2), data=X[few], target=Y[few])
sklearn("linear-svc", svm.LinearSVC())
sklearn("svr", svm.SVR(C=50), data=XD[::8], target=YD[::8])
sklearn("linear-svr", svm.LinearSVR(), data=XD, target=YD)
sklearn("calibrated-sigmoid", CalibratedClassifierCV(forest(), cv=2))
sklearn("calibrated-svc", CalibratedClassifierCV(svm.LinearSVC(), cv=2), target=BINARY)
sklearn("calibrated-isotonic", CalibratedClassifierCV(logistic(), cv=2, method="isotonic"))
pair = [("a", logistic()), ("b", forest())]
sklearn("voting-soft", ensemble.VotingClassifier(pair, voting="soft", flatten_transform=False))
sklearn("voting-weights", ensemble.VotingClassifier(pair, voting="soft", flatten_transform=False, weights=np.array([1.0, 2.0])))
sklearn("stacking", ensemble.StackingClassifier(pair, cv=2))
sklearn("stacking-passthrough", ensemble.StackingClassifier(pair, cv=2, passthrough=True), target=BINARY)
sklearn("adaboost", ensemble.AdaBoostClassifier(DecisionTreeClassifier(max_depth=1), n_estimators=4, random_state=0))
sklearn("bagging", ensemble.BaggingClassifier(DecisionTreeClassifier(max_depth=2), n_estimators=3, random_state=0))
sklearn("one-vs-rest", OneVsRestClassifier(logistic()))
sklearn("one-vs-one", OneVsOneClassifier(svm.LinearSVC()))
sklearn("knn", KNeighborsClassifier(3), data=X[few], target=Y[few])
sklearn("kmeans", KMeans(3, n_init=1, random_state=0), target=None)
sklearn("isolation", ensemble.IsolationForest(n_estimators=3, max_samples=8, random_state=0), target=None, options=None)
sklearn("linear", linear_model.LinearRegression(), data=XD, target=YD)
sklearn("linear-double", linear_model.LinearRegression(), data=XD, target=YD, dtype=np.float64)
sklearn("ridge-scaled", make_pipeline(scaler(), linear_model.Ridge()), data=XD, target=YD)
sklearn("linear-targets", linear_model.LinearRegression(), data=X[:, :2], target=X[:, 2:])
sklearn("poisson", linear_model.PoissonRegressor(), data=XD, target=YD)
sklearn("gamma", linear_model.GammaRegressor(), data=XD, target=YD)
sklearn("huber", linear_model.HuberRegressor(max_iter=500), data=XD, target=YD)
sklearn("voting-regression", ensemble.VotingRegressor([("a", linear_model.Ridge()), ("b", DecisionTreeRegressor(max_depth=2))]), data=XD, target=YD)
sklearn("stacking-regression", ensemble.StackingRegressor([("a", linear_model.Ridge()), ("b", DecisionTreeRegressor(max_depth=2))], cv=2), data=XD, target=YD)
sklearn("adaboost-regression", ensemble.AdaBoostRegressor(DecisionTreeRegressor(max_depth=2), n_estimators=3, random_state=0), data=XD, target=YD)
sklearn("bagging-regression", ensemble.BaggingRegressor(DecisionTreeRegressor(max_depth=2), n_estimators=3, random_state=0), data=XD, target=YD)
sklearn("multi-output", MultiOutputRegressor(DecisionTreeRegressor(max_depth=2)), data=X[:, :2], target=X[:, 2:])
sklearn("forest-int64", forest(), data=np.round(X * 10).astype(np.int64), dtype=np.int64)
sklearn("forest-bool", forest(), data=X > 2.5, dtype=np.bool_)

table = pandas.DataFrame(
    {
        "age": random.uniform(1, 80, 200).astype(np.float32),
        "fare": random.gamma(2, 15, 200).astype(np.float32),
        "class": random.integers(1, 4, 200),
        "sex": random.choice(["female", "male"], 200),
        "port": random.choice(["C", "Q", "S", ""], 200),
    }
)
table.loc[::7, "age"] = np.nan
survived = ((table["sex"] == "female") ^ (table["fare"] > 60)).astype(np.int64)
KINDS = {"age": FloatTensorType, "fare": FloatTensorType, "class": Int64TensorType, "sex": StringTensorType, "port": StringTensorType}


def titanic(name, encoder, estimator, columns=("sex", "port")):
    def make():
        numbers = make_pipeline(SimpleImputer(), scaler())
        model = make_pipeline(
            ColumnTransformer([("numbers", numbers, ["age", "fare"]), ("categories", encoder, list(columns))]), estimator
        )
        used = ["age", "fare", *columns]
        data = table[used]
        model.fit(data, survived)
        graph = to_onnx(
            model,
            initial_types=[(column, KINDS[column]([None, 1])) for column in used],
            options={"zipmap": False},
            target_opset={"": 18, "ai.onnx.ml": 3},
        )
        rows = data.iloc[:ROWS].copy()
        feeds = {column: rows[[column]].to_numpy(copy=True) for column in used}
        for column in used:
            if KINDS[column] is StringTensorType:
                feeds[column] = feeds[column].astype(object)
                feeds[column][0, 0] = "unknown"
        save(name, graph, feeds)

    attempt(name, make)


titanic("titanic-onehot-logistic", preprocessing.OneHotEncoder(handle_unknown="ignore"), logistic())
titanic("titanic-onehot-forest", preprocessing.OneHotEncoder(handle_unknown="ignore"), forest())
titanic("titanic-integers", preprocessing.OneHotEncoder(handle_unknown="ignore"), logistic(), columns=("class",))
titanic(
    "titanic-ordinal",
    preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
    forest(),
)


def named(name, estimator):
    """One input for each feature."""

    def make():
        estimator.fit(X, Y)
        names = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
        frame = pandas.DataFrame(X, columns=names)
        estimator.fit(frame, Y)
        graph = to_onnx(
            estimator,
            initial_types=[(each, FloatTensorType([None, 1])) for each in names],
            options={"zipmap": False},
            target_opset={"": 18, "ai.onnx.ml": 3},
        )
        save(name, graph, {each: X[:ROWS, i : i + 1] for i, each in enumerate(names)})

    attempt(name, make)


named("inputs-forest", make_pipeline(ColumnTransformer([("all", "passthrough", [0, 1, 2, 3])]), forest()))


def xgb(name, estimator, data, target):
    def make():
        estimator.fit(data, target)
        model = convert_xgboost(estimator, initial_types=[("X", ToolsFloat([None, data.shape[1]]))], target_opset=15)
        save(name, model, {"X": data[:ROWS]})

    attempt(name, make)


XGB = {"n_estimators": 3, "max_depth": 2, "random_state": 0, "n_jobs": 1}
xgb("xgboost-poisson", xgboost.XGBRegressor(objective="count:poisson", **XGB), XD, COUNTS)
xgb("xgboost-logistic", xgboost.XGBRegressor(objective="reg:logistic", base_score=0.5, **XGB), XD, YD / 400)


def lgb(name, estimator, data, target):
    def make():
        estimator.fit(data, target)
        model = convert_lightgbm(
            estimator, initial_types=[("X", ToolsFloat([None, data.shape[1]]))], target_opset=15, zipmap=False
        )
        save(name, model, {"X": data[:ROWS]})

    attempt(name, make)


LGB = {"n_estimators": 3, "num_leaves": 4, "random_state": 0, "n_jobs": 1, "verbose": -1}
lgb("lightgbm-poisson", lightgbm.LGBMRegressor(objective="poisson", **LGB), XD, COUNTS)
lgb("lightgbm-tweedie", lightgbm.LGBMRegressor(objective="tweedie", **LGB), XD, COUNTS)
lgb("lightgbm-ova", lightgbm.LGBMClassifier(objective="multiclassova", **LGB), X, Y)
