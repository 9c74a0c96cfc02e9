import { createRequire } from "node:module";
import type * as OnnxRuntime from "onnxruntime-node";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import type { EngineInput, EngineOutputs, EngineRows, EngineTask } from "./engine.ts";

/** A graph in onnxruntime. */
export interface Session {
  /** Predicts rows. @throws TepalError INVALID_INPUT if the graph fails for these rows, INTERNAL for outputs of another form */
  run(rows: EngineRows): Promise<EngineOutputs>;
}

/** @throws TepalError MODEL_UNSUPPORTED if the package cannot be loaded, or rejects the graph */
export async function createSession(
  { graph, runtime }: EngineTask,
  bytes: Uint8Array,
): Promise<Session> {
  const ort = loadRuntime(runtime);
  let session: OnnxRuntime.InferenceSession;
  try {
    session = await ort.InferenceSession.create(bytes, {
      // The same row has the same bits, and a model does not take the cores of the server.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: "sequential",
      logSeverityLevel: 4,
    });
  } catch (cause) {
    throw new TepalError(
      "MODEL_UNSUPPORTED",
      `Unsupported ONNX model: onnxruntime rejects it: ${toOneLine(cause)} Export the model again, or with another version of the converter.`,
    );
  }
  const names = graph.label === null ? [graph.scores] : [graph.label, graph.scores];
  const toLabel = createLabelReader(graph);

  async function runTogether({ values, count }: EngineRows): Promise<EngineOutputs> {
    const feeds = Object.fromEntries(
      graph.inputs.map((input) => [input.name, toTensor(ort, graph, input, values, count)]),
    );
    const outputs = await runGraph(session, feeds, names);
    const length = graph.outputs === 0 ? undefined : count * graph.outputs;
    const scores = toNumbers(outputs[graph.scores], graph.scores, length);
    if (graph.label === null) return { scores, labels: new Int32Array(0) };
    return { scores, labels: toLabel(outputs[graph.label], count) };
  }

  return {
    async run(rows) {
      if (!graph.takesOneRow) return runTogether(rows);
      const parts: EngineOutputs[] = [];
      for (let row = 0; row < rows.count; row++) {
        const values = rows.values.subarray(row * graph.features, (row + 1) * graph.features);
        parts.push(await runTogether({ values, count: 1 }));
      }
      const scores = Float32Array.from(parts.flatMap((part) => [...part.scores]));
      const labels = Int32Array.from(parts.flatMap((part) => [...part.labels]));
      return { scores, labels };
    },
  };
}

function loadRuntime(path: string): typeof OnnxRuntime {
  try {
    // The package is CommonJS.
    return createRequire(import.meta.url)(path) as typeof OnnxRuntime;
  } catch (cause) {
    throw new TepalError(
      "MODEL_UNSUPPORTED",
      `onnxruntime-node cannot be loaded: ${toOneLine(cause)} Install it again.`,
    );
  }
}

async function runGraph(
  session: OnnxRuntime.InferenceSession,
  feeds: Record<string, OnnxRuntime.Tensor>,
  names: readonly string[],
): Promise<Record<string, OnnxRuntime.OnnxValue>> {
  try {
    return await session.run(feeds, names);
  } catch (cause) {
    throw new TepalError(
      "INVALID_INPUT",
      `The graph of the model fails for this input: ${toOneLine(cause)}`,
    );
  }
}

/** onnxruntime's messages have lines of source locations. */
function toOneLine(cause: unknown): string {
  const text = toMessage(cause).replace(/\s+/g, " ").trim().slice(0, 500);
  return text.endsWith(".") ? text : `${text}.`;
}

type Data = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | string[];

/** In place of a string that is none of the known ones: a noncharacter, which no data has. */
const OTHER_STRING = "\u{10FFFF}";

/** Copies the columns of an input out of the rows. */
function toTensor(
  ort: typeof OnnxRuntime,
  { features }: EngineTask["graph"],
  { name, type, width, firstFeature, categories, isVector }: EngineInput,
  values: Float64Array,
  count: number,
): OnnxRuntime.Tensor {
  const length = count * width;
  const at = (i: number): number =>
    values[Math.floor(i / width) * features + firstFeature + (i % width)]!;
  const dims = isVector ? [count] : [count, width];
  const create = (kind: OnnxRuntime.Tensor.Type, data: Data): OnnxRuntime.Tensor =>
    new ort.Tensor(kind, data, dims);
  switch (type) {
    case "float":
      return create(
        "float32",
        Float32Array.from({ length }, (_, i) => at(i)),
      );
    case "double":
      return create(
        "float64",
        Float64Array.from({ length }, (_, i) => at(i)),
      );
    case "int64":
      return create(
        "int64",
        BigInt64Array.from({ length }, (_, i) => BigInt(toInteger(at(i), name))),
      );
    case "int32":
      return create(
        "int32",
        Int32Array.from({ length }, (_, i) => toInteger(at(i), name)),
      );
    case "uint8":
      return create(
        "uint8",
        Uint8Array.from({ length }, (_, i) => toInteger(at(i), name)),
      );
    case "bool":
      return create(
        "bool",
        Uint8Array.from({ length }, (_, i) => (at(i) === 0 ? 0 : 1)),
      );
    case "string": {
      const text = Array.from(
        { length },
        (_, i) => categories?.[i % width]?.[at(i)] ?? OTHER_STRING,
      );
      return create("string", text);
    }
  }
}

function toInteger(value: number, name: string): number {
  if (Number.isFinite(value)) return Math.trunc(value);
  throw new TepalError("INVALID_INPUT", `Input ${name}: Expected an integer, got ${value}.`);
}

/** Largest result of an unknown number of scores: as many as a model may have (MAX_CLASSES). */
const MAX_UNKNOWN = 10_000;

function toNumbers(
  value: OnnxRuntime.OnnxValue | undefined,
  name: string,
  expected: number | undefined,
): Float32Array {
  const data = value !== undefined && "data" in value ? value.data : undefined;
  const length = expected ?? Math.min(data?.length ?? 0, MAX_UNKNOWN);
  if (!(data instanceof Float32Array || data instanceof Float64Array) || data.length !== length) {
    const got = data === undefined ? "no tensor" : `${data.length} of another type or number`;
    throw toOtherForm(name, `${length} numbers`, got);
  }
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

/** Creates the function that converts labels to indexes of the classes. */
function createLabelReader({
  label,
  classes,
}: EngineTask["graph"]): (value: OnnxRuntime.OnnxValue | undefined, count: number) => Int32Array {
  const places = new Map(classes.map((name, place) => [String(name), place]));
  return (value, count) => {
    const data = value !== undefined && "data" in value ? value.data : undefined;
    if (data === undefined || data.length !== count) {
      throw toOtherForm(label ?? "", `${count} labels`, `${data?.length ?? "none"}`);
    }
    return Int32Array.from({ length: count }, (_, row) => {
      const text = String(data[row]);
      const place = places.get(text);
      if (place === undefined) throw toOtherForm(label ?? "", "a class of the model", text);
      return place;
    });
  };
}

function toOtherForm(name: string, expected: string, got: string): TepalError {
  const message = `Unsupported ONNX model: output "${name}": Expected ${expected}, got ${got.slice(0, 60)}.`;
  return new TepalError("MODEL_UNSUPPORTED", message);
}
