"""scikit-learn's part of bench/trust.ts: outlier detectors for rows with categories and missing values.

Writes N.train.csv, N.inliers.csv, N.permuted.csv and N.far.csv, and the AUROC of an isolation forest and of the Mahalanobis distance
(Ledoit-Wolf) as scores.json, into the folder of the first argument. Both get standardized numbers and one-hot columns after imputation.
Outliers are rows with each column drawn from another row ("permuted"), and rows of which two numbers are 6 to 8 standard deviations off
and one cell is missing ("far").
"""

import json
import sys

import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.compose import ColumnTransformer
from sklearn.covariance import LedoitWolf
from sklearn.ensemble import IsolationForest
from sklearn.impute import SimpleImputer
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

FOLDER = sys.argv[1]
TRAINING, INLIERS, OUTLIERS, SEEDS = 400, 300, 300, 3
DECKS = [
    [0.15, 0.3, 0.25, 0.15, 0.1, 0.03, 0.01, 0.01],
    [0, 0, 0.02, 0.2, 0.18, 0.4, 0.1, 0.1],
    [0, 0, 0, 0.02, 0.08, 0.3, 0.3, 0.3],
]


def passengers(rng):
    rows = []
    for _ in range(TRAINING + INLIERS):
        level = rng.choice(3, p=[0.25, 0.2, 0.55])
        sex = rng.choice(2, p=[0.6, 0.4])
        age = max(0.5, 40 - 6 * level + 13 * rng.normal())
        family = max(0, round(1 + rng.normal() + (1.5 if age < 16 else 0)))
        fare = np.exp([4.2, 2.8, 2.2][level] + 0.45 * rng.normal() + 0.15 * family)
        deck = rng.choice(list("ABCDEFGT"), p=DECKS[level])
        port = rng.choice(list("SCQ"), p=[0.55, 0.44, 0.01] if level == 0 else [0.7, 0.12, 0.18])
        chance = 1 / (1 + np.exp(1.5 - 2.4 * sex - 0.9 * (1 - level)))
        target = "yes" if rng.random() < chance else "no"
        rows.append((round(age, 1), float(family), round(fare, 2), ("male", "female")[sex], f"class{level}", deck, port, target))
    return pd.DataFrame(rows, columns=["age", "family", "fare", "sex", "level", "deck", "port", "target"])


def numbers(rng):
    mixing, means = rng.normal(size=(8, 8)), 3 * rng.normal(size=(2, 8))
    labels = rng.integers(0, 2, TRAINING + INLIERS)
    values = means[labels] + rng.normal(size=(len(labels), 8)) @ mixing.T
    frame = pd.DataFrame(np.round(values, 4), columns=[f"x{i}" for i in range(8)])
    return frame.assign(target=[f"t{label}" for label in labels])


def binned(load, columns):
    def draw(rng):
        bunch = load(as_frame=True)
        frame = bunch.data.copy()
        frame.columns = [name.replace(" ", "_").replace("/", "_") for name in frame.columns]
        for name in frame.columns[:columns]:
            codes = pd.qcut(frame[name], 6, duplicates="drop").cat.codes
            frame[name] = codes.map(lambda code: "abcdef"[code])
        frame["target"] = [f"t{value}" for value in bunch.target]
        return frame.sample(frac=1, random_state=int(rng.integers(1 << 30))).reset_index(drop=True)

    return draw


SETS = {
    "8 numbers": numbers,
    "passengers, 3 numbers and 4 categories": passengers,
    "wine, 9 numbers and 4 categories": binned(datasets.load_wine, 4),
    "breast cancer, 24 numbers and 6 categories": binned(datasets.load_breast_cancer, 6),
}


def with_holes(frame, share, rng):
    cells = frame.astype(object).copy()
    mask = rng.random((len(cells), cells.shape[1] - 1)) < share
    cells.iloc[:, :-1] = cells.iloc[:, :-1].mask(mask)
    return cells


def draw_outliers(inliers, training, numeric, rng):
    permuted = pd.DataFrame(
        {name: inliers[name].to_numpy(dtype=object)[rng.integers(0, len(inliers), OUTLIERS)] for name in inliers.columns}
    )
    far = inliers.iloc[rng.integers(0, len(inliers), OUTLIERS)].reset_index(drop=True).astype(object)
    features = list(inliers.columns[:-1])
    for row in range(OUTLIERS):
        moved = rng.choice(numeric, 2, replace=False)
        for name in moved:
            step = rng.choice([-1, 1]) * rng.uniform(6, 8) * training[name].astype(float).std()
            far.at[row, name] = float(far.at[row, name]) + step
        far.at[row, rng.choice([name for name in features if name not in moved])] = np.nan
    return permuted, far


def detectors(numeric, categories):
    columns = ColumnTransformer(
        [
            ("n", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numeric),
            (
                "c",
                make_pipeline(
                    SimpleImputer(strategy="most_frequent"),
                    OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                ),
                categories,
            ),
        ]
    )
    return columns, {
        "isolation": lambda x: IsolationForest(n_estimators=200, random_state=0).fit(x),
        "mahalanobis": lambda x: LedoitWolf().fit(x),
    }


def score(model, x):
    return -model.score_samples(x) if hasattr(model, "score_samples") else model.mahalanobis(x)


results = []
for name, draw in SETS.items():
    for share in (0, 0.1, 0.3):
        for seed in range(SEEDS):
            rng = np.random.default_rng(1000 * seed + int(100 * share))
            frame = draw(rng)
            count = min(TRAINING, int(0.7 * len(frame)))
            complete, inliers = frame[:count], frame[count : count + INLIERS]
            numeric = [c for c in frame.columns[:-1] if pd.api.types.is_numeric_dtype(frame[c])]
            categories = [c for c in frame.columns[:-1] if c not in numeric]
            permuted, far = draw_outliers(inliers, complete, numeric, rng)
            parts = {
                "train": with_holes(complete, share, rng),
                "inliers": with_holes(inliers, share, rng),
                "permuted": with_holes(permuted, share, rng),
                "far": far,
            }
            base = f"{FOLDER}/{len(results)}"
            for part, table in parts.items():
                table.to_csv(f"{base}.{part}.csv", index=False)
            for table in parts.values():
                for c in numeric:
                    table[c] = pd.to_numeric(table[c])
            columns, fits = detectors(numeric, categories)
            x = columns.fit_transform(parts["train"])
            result = {"name": name, "share": share, "seed": seed}
            for detector, fit in fits.items():
                model = fit(x)
                inside = score(model, columns.transform(parts["inliers"]))
                for kind in ("permuted", "far"):
                    outside = score(model, columns.transform(parts[kind]))
                    truth = [0] * len(inside) + [1] * len(outside)
                    result[f"{detector}_{kind}"] = roc_auc_score(truth, np.concatenate([inside, outside]))
            results.append(result)
with open(f"{FOLDER}/scores.json", "w") as file:
    json.dump(results, file)
