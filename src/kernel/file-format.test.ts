import { gzipSync, zstdCompressSync, deflateSync } from "node:zlib";
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findFileFormat } from "./file-format.ts";

const FIXTURES = new URL("../../test/fixtures/onnx/", import.meta.url);
const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

/** The first bytes of files that the libraries wrote: scikit-learn 1.7, joblib 1.5, XGBoost 3.1, LightGBM 4.6, CatBoost 1.2. */
const SKLEARN =
  "\x80\x04\x95\xd9\x01\0\0\0\0\0\0\x8c\x18sklearn.ensemble._forest\x94\x8c\x16RandomForestClassifier\x94\x93";

describe("findFileFormat", () => {
  it.each([
    ["empty", "an empty file", ""],
    ["pickle", "a Python pickle", SKLEARN],
    ["pickle", "a Python pickle", "ccopy_reg\n_reconstructor\np0\n(csklearn.tree"],
    [
      "pickle",
      "a joblib file, which is a Python pickle",
      `${SKLEARN}\x8c\x13joblib.numpy_pickle\x94\x8c\x11NumpyArrayWrapper`,
    ],
    [
      "xgboost",
      "a Python pickle of an XGBoost model",
      "\x80\x04\x95\0\0\0\0\0\0\0\0\x8c\x0fxgboost.sklearn\x94",
    ],
    [
      "lightgbm",
      "a Python pickle of a LightGBM model",
      "\x80\x05\x95\0\0\0\0\0\0\0\0\x8c\x10lightgbm.sklearn\x94",
    ],
    [
      "xgboost",
      "an XGBoost model",
      '{"learner":{"attributes":{},"feature_names":[],"feature_types":[],"gradient_booster":{',
    ],
    ["xgboost", "an XGBoost model", "{L\0\0\0\0\0\0\0\x07learner{L\0\0\0\0\0\0\0\x0aattributes{}"],
    ["xgboost", "an XGBoost model", "{i\x07learner{"],
    [
      "xgboost",
      "an XGBoost model",
      `\0\0\0?\x04${"\0".repeat(140)}\x0e\0\0\0\0\0\0\0reg:squarederror\x06\0\0\0\0\0\0\0gbtree`,
    ],
    ["lightgbm", "a LightGBM model", "tree\nversion=v4\nnum_class=1\n"],
    ["lightgbm", "a LightGBM model", "tree\r\nversion=v3\r\n"],
    ["catboost", "a CatBoost model", "CBM1\x10\x02\0\0"],
    ["catboost", "a CatBoost model", '{"features_info":{},"oblivious_trees":[]}'],
    ["keras", "an HDF5 file, for example a Keras model", "\x89HDF\r\n\x1a\n\0\0"],
    [
      "keras",
      "a Keras model",
      "PK\x03\x04\0\0metadata.jsonPK\x03\x04config.json\0model.weights.h5",
    ],
    ["torch", "a PyTorch file", "PK\x03\x04\0\0archive/data.pklFB\0"],
    ["excel", "an Excel workbook", "PK\x03\x04\x14\0[Content_Types].xml"],
    ["excel", "an Excel workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
    ["zip", "a ZIP archive", "PK\x03\x04\x14\0model.onnx"],
    ["safetensors", "a safetensors file", '\x40\x01\0\0\0\0\0\0{"weight":{"dtype":"F32"'],
    ["parquet", "a Parquet file", "PAR1\x15\x04"],
    [
      "pmml",
      "a PMML document",
      '<?xml version="1.0"?>\n<PMML xmlns="http://www.dmg.org/PMML-4_4">',
    ],
    ["pmml", "a PMML document", "\xef\xbb\xbf<PMML version='4.4'>"],
    ["html", "an HTML page", "\n<!DOCTYPE html><title>Sign in</title>"],
    ["lfs", "a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:"],
    ["json", "a JSON document", '{"a": 1}'],
    ["json", "a JSON document", "[[1, 2]]"],
  ])("recognizes %s: %s", (id, noun, content) => {
    expect(findFileFormat(bytes(content))).toEqual({ id, noun });
  });

  it("recognizes compressed data", () => {
    expect(findFileFormat(gzipSync("x"))?.id).toBe("gzip");
    expect(findFileFormat(zstdCompressSync("x"))?.id).toBe("zstd");
    expect(findFileFormat(deflateSync("x".repeat(99)))?.id).toBe("compressed");
  });

  it("takes neither ONNX files nor tables of text for another format", () => {
    for (const name of readdirSync(FIXTURES).filter((file) => file.endsWith(".onnx"))) {
      expect([name, findFileFormat(readFileSync(new URL(name, FIXTURES)))]).toEqual([
        name,
        undefined,
      ]);
    }
    for (const text of [
      "a,b\n1,2\n",
      "x^2,y\n1,2\n",
      "{,}\n1,2\n",
      "tree,version\n",
      "CBM,y\n",
      "[a],b\n",
      "é;b\n",
    ]) {
      expect(findFileFormat(Buffer.from(text))).toBeUndefined();
    }
  });
});
