import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { toDamaged, toUnsupported } from "../onnx/onnx.ts";

type MessageName =
  | "model"
  | "training"
  | "graph"
  | "node"
  | "attribute"
  | "tensor"
  | "sparse"
  | "function";

/** The messages of onnx.proto that can hold a tensor: the field numbers of their parts. */
const PARTS: Readonly<Record<MessageName, Readonly<Record<number, MessageName>>>> = {
  model: { 7: "graph", 20: "training", 25: "function" },
  training: { 1: "graph", 2: "graph" },
  graph: { 1: "node", 5: "tensor", 15: "sparse" },
  node: { 5: "attribute" },
  attribute: { 5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse" },
  sparse: { 1: "tensor", 2: "tensor" },
  function: { 7: "node", 11: "attribute" },
  tensor: {},
};

/** `TensorProto.external_data` and `TensorProto.data_location`. */
const EXTERNAL_FIELDS: ReadonlySet<number> = new Set([13, 14]);
/** Graphs are nested in attributes of Scan, Loop and If. Each level has three messages. */
const MAX_DEPTH = 100;

/**
 * Checks that all numbers of a model are inside the file: onnxruntime would read any file that a tensor names. Takes time in proportion to
 * the number of fields.
 *
 * @throws TepalError MODEL_UNSUPPORTED for a reference to another file; MODEL_DAMAGED for a file that is no message
 */
export function checkExternalData(bytes: Uint8Array): void {
  let hasExternal: boolean;
  try {
    hasExternal = refersToFile(bytes, "model", 0);
  } catch (cause) {
    throw toDamaged("file", "Expected an ONNX message in protobuf encoding.", cause);
  }
  if (!hasExternal) return;
  throw toUnsupported(
    "file",
    "Expected all tensors inside the file, got a reference to another file.",
    "Save the model as one file: onnx.save(model, path, save_as_external_data=False).",
  );
}

function refersToFile(bytes: Uint8Array, name: MessageName, depth: number): boolean {
  if (depth > MAX_DEPTH) throw new Error("Expected fewer nested graphs.");
  const reader = new BinaryReader(bytes);
  const parts = PARTS[name];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const part = parts[field];
    if (part !== undefined && wireType === WireType.LengthDelimited) {
      if (refersToFile(reader.bytes(), part, depth + 1)) return true;
      continue;
    }
    if (name === "tensor" && EXTERNAL_FIELDS.has(field)) {
      // 0 is the default: inside the file.
      if (wireType !== WireType.Varint || reader.uint32() !== 0) return true;
      continue;
    }
    reader.skip(wireType, field);
  }
  return false;
}
