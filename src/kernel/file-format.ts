/** A file format, recognized by content. */
export interface FileFormat {
  readonly id: FileFormatId;
  /** The format with its article, for "got …". */
  readonly noun: string;
}

/** Bytes at the start of a file that are examined. */
const HEAD_BYTES = 64 * 1024;

type Test = (head: Head) => boolean;

/** The start of a file: as characters of one byte each, and without leading blanks and byte-order marks. */
interface Head {
  readonly raw: string;
  readonly text: string;
}

const startsWith =
  (...signatures: readonly string[]): Test =>
  ({ raw }) =>
    signatures.some((signature) => raw.startsWith(signature));

const matches =
  (pattern: RegExp): Test =>
  ({ text }) =>
    pattern.test(text);

/** A pickle of protocol 2 to 5, or of the older, textual ones. */
const isPickle: Test = ({ raw }) => {
  const protocol = raw.charCodeAt(1);
  if (raw.startsWith("\x80")) return protocol >= 2 && protocol <= 5;
  return /^(?:\(d|\(l|c)[\w.]*\n[\w.]+\n/.test(raw);
};

const pickleOf =
  (library: RegExp): Test =>
  (head) =>
    isPickle(head) && library.test(head.raw);

/** JSON; UBJSON, the default since 2.1: an object whose first key has a length of one to eight bytes; the binary format before. */
const isXgboost: Test = (head) => {
  const { raw, text } = head;
  if (text.startsWith("{") && text.includes('"learner"'))
    return /"(?:gradient_booster|learner_model_param|feature_names)"/.test(text);
  if (raw.startsWith("binf")) return true;
  const start = raw.slice(0, 1_024);
  if (/^\{[iUIlL]/.test(start)) return /^[^]{3,10}learner/.test(start);
  return start.includes("\0") && /gb(?:tree|linear)/.test(start) && !isPickle(head);
};

const isZip = startsWith("PK\x03\x04", "PK\x05\x06");

const zipOf =
  (content: RegExp): Test =>
  (head) =>
    isZip(head) && content.test(head.raw);

/** A zlib header, which is also the letter x with another character: bytes that text does not have follow. */
const isZlib: Test = ({ raw }) =>
  ["x\x01", "x\x5e", "x\x9c", "x\xda"].includes(raw.slice(0, 2)) &&
  /[^\t\n\r\x20-\x7e]/.test(raw.slice(2, 64));

/** In the order of the tests: the more exact a test, the earlier. */
const FORMATS = [
  ["empty", "an empty file", ({ raw }) => raw === ""],
  ["lfs", "a Git LFS pointer", startsWith("version https://git-lfs.github.com/spec/")],
  ["lightgbm", "a LightGBM model", matches(/^tree\r?\nversion=/)],
  ["lightgbm", "a LightGBM model", matches(/^\{[^]*"num_tree_per_iteration"/)],
  ["xgboost", "an XGBoost model", isXgboost],
  ["catboost", "a CatBoost model", startsWith("CBM1")],
  ["catboost", "a CatBoost model", matches(/^\{[^]*"(?:oblivious_trees|catboost_version_info)"/)],
  ["xgboost", "a Python pickle of an XGBoost model", pickleOf(/xgboost\.(?:sklearn|core)/)],
  ["lightgbm", "a Python pickle of a LightGBM model", pickleOf(/lightgbm\.(?:sklearn|basic)/)],
  ["catboost", "a Python pickle of a CatBoost model", pickleOf(/catboost/)],
  ["pickle", "a joblib file, which is a Python pickle", pickleOf(/joblib|NumpyArrayWrapper/)],
  ["pickle", "a Python pickle", isPickle],
  ["keras", "a Keras model", zipOf(/model\.weights\.h5|keras_metadata/)],
  ["keras", "an HDF5 file, for example a Keras model", startsWith("\x89HDF\r\n\x1a\n")],
  ["torch", "a PyTorch file", zipOf(/data\.pkl|constants\.pkl/)],
  ["skops", "a skops file", zipOf(/schema\.json/)],
  ["excel", "an Excel workbook", zipOf(/\[Content_Types\]\.xml|xl\//)],
  ["excel", "an Excel workbook", startsWith("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")],
  ["zip", "a ZIP archive", isZip],
  ["safetensors", "a safetensors file", ({ raw }) => /^[^]{4}\0\0\0\0\{\s*"/.test(raw)],
  ["tensorflow", "a TensorFlow Lite model", ({ raw }) => raw.startsWith("TFL3", 4)],
  ["gguf", "a GGUF file", startsWith("GGUF")],
  ["numpy", "a NumPy array", startsWith("\x93NUMPY")],
  ["parquet", "a Parquet file", startsWith("PAR1")],
  ["arrow", "an Arrow file", startsWith("ARROW1")],
  ["sqlite", "a SQLite database", startsWith("SQLite format 3\0")],
  ["pdf", "a PDF document", startsWith("%PDF-")],
  ["gzip", "gzip-compressed data", startsWith("\x1f\x8b")],
  ["zstd", "zstd-compressed data", startsWith("\x28\xb5\x2f\xfd")],
  ["compressed", "bzip2-compressed data", matches(/^BZh[1-9]1AY&SY/)],
  ["compressed", "xz-compressed data", startsWith("\xfd7zXZ\0")],
  ["compressed", "zlib-compressed data, for example a joblib file", isZlib],
  ["pmml", "a PMML document", matches(/^(?:<\?xml[^]{0,2000})?<PMML\b/)],
  ["html", "an HTML page", matches(/^<!doctype html|^<html\b/i)],
  ["xml", "an XML document", matches(/^<\?xml/)],
  ["json", "a JSON document", matches(/^[{[]\s*(?:["{[\]}]|-?\d)/)],
] as const satisfies readonly (readonly [id: string, noun: string, test: Test])[];

export type FileFormatId = (typeof FORMATS)[number][0];

/**
 * Recognizes the format of a file that is neither ONNX nor a table of text, by its first bytes. Nothing in it is decoded or run.
 * @returns undefined for any other content
 */
export function findFileFormat(bytes: Uint8Array): FileFormat | undefined {
  const raw = Buffer.from(
    bytes.buffer,
    bytes.byteOffset,
    Math.min(bytes.length, HEAD_BYTES),
  ).toString("latin1");
  const head = { raw, text: raw.replace(/^\xef\xbb\xbf/, "").trimStart() };
  const found = FORMATS.find(([, , test]) => test(head));
  return found === undefined ? undefined : { id: found[0], noun: found[1] };
}
