import { TepalError } from "../../kernel/errors.ts";
import { findFileFormat, type FileFormatId } from "../../kernel/file-format.ts";
import { escapeControls } from "../../kernel/printable.ts";

const PICKLE =
  "Tepal never loads pickles, because loading one runs the code in it. Convert the model in Python: skl2onnx.to_onnx(model, X[:1]).";
const TABULAR_ONLY =
  "Tepal predicts with tree ensembles, linear models and their preprocessing, as scikit-learn, XGBoost and LightGBM train them.";
const DECOMPRESS = "Decompress the file first.";

/** The next step for each format of a model or a file. */
const ADVICE: Partial<Record<FileFormatId, string>> = {
  empty: "Export the model again.",
  lfs: "Download the file that it stands for with `git lfs pull`.",
  pickle: PICKLE,
  skops: "Convert the model in Python: skl2onnx.to_onnx(model, X[:1]).",
  xgboost: 'Save the model in Python as JSON, which Tepal imports: model.save_model("model.json").',
  lightgbm:
    'Save the model in Python as text, which Tepal imports: model.booster_.save_model("model.txt").',
  catboost: 'Save the model in Python: model.save_model("model.onnx", format="onnx").',
  keras: TABULAR_ONLY,
  torch: TABULAR_ONLY,
  tensorflow: TABULAR_ONLY,
  safetensors: TABULAR_ONLY,
  gguf: TABULAR_ONLY,
  zip: "Extract the ONNX file from it.",
  gzip: DECOMPRESS,
  zstd: DECOMPRESS,
  compressed: DECOMPRESS,
};

const OTHERS = "Export the model as ONNX.";

/**
 * Returns the error that names the format of a file that is not an ONNX file; undefined for an unknown format.
 * @param name name of the file in the message
 */
export function findForeignFormat(name: string, bytes: Uint8Array): TepalError | undefined {
  const format = findFileFormat(bytes) ?? findText(bytes);
  if (format === undefined) return undefined;
  const advice = format.id === "text" ? OTHERS : (ADVICE[format.id] ?? OTHERS);
  const message = `${name}: Expected an ONNX file, got ${format.noun}. ${advice}`;
  return new TepalError("MODEL_UNSUPPORTED", message);
}

/** Recognizes text by its first bytes: no control characters. */
function findText(bytes: Uint8Array): { readonly id: "text"; readonly noun: string } | undefined {
  const start = Buffer.from(bytes.subarray(0, 200)).toString("utf8");
  if (escapeControls(start) !== start.replaceAll("\r", "\\r")) return undefined;
  return { id: "text", noun: `text that starts with ${JSON.stringify(start.slice(0, 40))}` };
}
