import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { TepalError } from "../../src/kernel/errors.ts";
import { createForestExecutor } from "../../src/model/executor/forest-executor.ts";
import { encodeModel } from "../../src/model/onnx/encode-model.ts";
import type { OnnxAttributeValue, OnnxModel } from "../../src/model/onnx/onnx.ts";
import { parseTreeEnsemble } from "../../src/model/onnx/read-tree-ensemble.ts";
import { encodeTreeEnsemble } from "../../src/model/onnx/write-tree-ensemble.ts";
import { LEAF, type TreeEnsemble } from "../../src/model/tree-ensemble.ts";
import { editNode, toModel } from "../support/onnx-edits.ts";
import { createRandomCase } from "../support/random-ensemble.ts";

const FIXTURES = new URL("../fixtures/onnx/", import.meta.url);

/** Number of files by result, so that tests notice a fuzzer that reaches no code. */
export interface FuzzCount {
  accepted: number;
  damaged: number;
  unsupported: number;
}

/**
 * Reads damaged and hostile ONNX files. Each must give an ensemble with all of its invariants that can be executed, or a
 * TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED.
 *
 * @param runs number of files of each kind
 * @throws Error of fast-check, with its seed, for the first file with another result
 */
export function fuzzOnnxReader(runs: number, seed = 1): FuzzCount {
  const count: FuzzCount = { accepted: 0, damaged: 0, unsupported: 0 };
  const read = (bytes: Uint8Array): void => readAndRun(bytes, count);
  const parameters = { numRuns: runs, seed };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), read), parameters);
  fc.assert(fc.property(damagedFile(), read), parameters);
  fc.assert(fc.property(editedFile(), read), parameters);
  return count;
}

function readAndRun(bytes: Uint8Array, count: FuzzCount): void {
  let ensemble: TreeEnsemble;
  try {
    ensemble = parseTreeEnsemble(bytes);
  } catch (thrown) {
    if (!(thrown instanceof TepalError)) throw thrown;
    if (thrown.code === "MODEL_DAMAGED") count.damaged++;
    else if (thrown.code === "MODEL_UNSUPPORTED") count.unsupported++;
    else throw thrown;
    return;
  }
  count.accepted++;
  checkEnsemble(ensemble);
  const { features, outputs } = ensemble;
  const rows = Float64Array.from({ length: 3 * features }, (_, i) => [0, NaN, 1e9, -1][i % 4] ?? 0);
  const labels = new Int32Array(3);
  createForestExecutor(ensemble).run(rows, 3, new Float32Array(3 * outputs), labels);
  for (const label of labels) {
    if (!(label >= 0 && label < outputs))
      throw new Error(`Expected a label below ${outputs}, got ${label}.`);
  }
}

/** Checks the invariants of TreeEnsemble, except that there are no cycles, which would hang the executor. */
function checkEnsemble(ensemble: TreeEnsemble): void {
  const { mode, voteStart, voteOutput, roots } = ensemble;
  check(roots.length > 0 && roots.every((root) => isWithin(root, mode.length)), "root");
  for (const [node, nodeMode] of mode.entries()) {
    check(isWithin(nodeMode, LEAF + 1), "mode");
    if (nodeMode === LEAF) continue;
    check(isWithin(ensemble.feature[node], ensemble.features), "feature");
    check(isWithin(ensemble.trueChild[node], mode.length), "true child");
    check(isWithin(ensemble.falseChild[node], mode.length), "false child");
  }
  check(voteStart.length === mode.length + 1, "number of vote starts");
  check(voteStart.at(-1) === voteOutput.length, "end of votes");
  check(
    voteOutput.every((output) => isWithin(output, ensemble.outputs)),
    "vote",
  );
  check(ensemble.voteWeight.length === voteOutput.length, "number of weights");
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Accepted a file with an invalid ${what}.`);
}

function isWithin(value: number | undefined, end: number): boolean {
  return value !== undefined && value >= 0 && value < end;
}

function validFile(): fc.Arbitrary<Uint8Array> {
  const fixtures = readdirSync(FIXTURES)
    .filter((name) => name.endsWith(".onnx"))
    .map((name) => Uint8Array.from(readFileSync(new URL(name, FIXTURES))));
  const random = fc
    .nat(1_000_000)
    .map((seed) =>
      encodeTreeEnsemble(createRandomCase(seed, { leaves: 6 }).ensemble, { producerVersion: "0" }),
    );
  return fc.oneof(
    { weight: 3, arbitrary: random },
    { weight: 1, arbitrary: fc.constantFrom(...fixtures) },
  );
}

type ByteEdit = (bytes: Uint8Array) => Uint8Array;

function toIndex(bytes: Uint8Array, where: number): number {
  return Math.floor(bytes.length * where);
}

/** Creates valid files with a few truncations, flipped bits, inserted and overwritten bytes. */
function damagedFile(): fc.Arbitrary<Uint8Array> {
  const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const truncate = position.map(
    (where): ByteEdit =>
      (bytes) =>
        bytes.slice(0, toIndex(bytes, where)),
  );
  const flip = fc.tuple(position, fc.nat(7)).map(([where, bit]): ByteEdit => (bytes) => {
    const flipped = bytes.slice();
    const i = toIndex(bytes, where);
    flipped[i] = (flipped[i] ?? 0) ^ (1 << bit);
    return flipped;
  });
  const insert = fc
    .tuple(position, fc.uint8Array({ maxLength: 8 }))
    .map(([where, extra]): ByteEdit => (bytes) => {
      const i = toIndex(bytes, where);
      return Uint8Array.of(...bytes.slice(0, i), ...extra, ...bytes.slice(i));
    });
  const overwrite = fc
    .tuple(position, fc.constantFrom([0xff, 0xff, 0xff, 0xff, 0x0f], [0x00], [0x7f], [0x80, 0x80]))
    .map(([where, value]): ByteEdit => (bytes) => {
      const changed = bytes.slice();
      const i = toIndex(bytes, where);
      changed.set(value.slice(0, bytes.length - i), i);
      return changed;
    });
  const edits = fc.array(fc.oneof(flip, flip, insert, overwrite, truncate), {
    minLength: 1,
    maxLength: 2,
  });
  return fc
    .tuple(validFile(), edits)
    .map(([bytes, list]) => list.reduce((changed, edit) => edit(changed), bytes));
}

/** Creates valid messages whose tree node has attributes with other numbers, lengths, types or names. */
function editedFile(): fc.Arbitrary<Uint8Array> {
  const number = fc.oneof(
    fc.integer({ min: -2, max: 12 }),
    fc.constantFrom(2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 40, 2 ** 53 - 1),
  );
  const weight = fc.oneof(fc.float(), fc.constantFrom(NaN, Infinity, -Infinity, -0));
  const edit = fc.record({ pick: fc.nat(), index: fc.nat(), kind: fc.nat(5), number, weight });
  return fc
    .tuple(fc.nat(1_000_000), fc.array(edit, { minLength: 1, maxLength: 2 }))
    .map(([seed, edits]) => {
      const { ensemble } = createRandomCase(seed, { leaves: 6 });
      return encodeModel(edits.reduce<OnnxModel>(editAttribute, toModel(ensemble)));
    });
}

interface AttributeEdit {
  readonly pick: number;
  readonly index: number;
  readonly kind: number;
  readonly number: number;
  readonly weight: number;
}

function editAttribute(model: OnnxModel, edit: AttributeEdit): OnnxModel {
  return editNode(model, ({ attributes }) => {
    const at = edit.pick % Math.max(attributes.length, 1);
    const attribute = attributes[at];
    if (attribute === undefined) return {};
    if (edit.kind === 0) return { attributes: attributes.toSpliced(at, 1) };
    if (edit.kind === 1) {
      const other = attributes[edit.index % attributes.length]?.value ?? attribute.value;
      return { attributes: attributes.with(at, { name: attribute.name, value: other }) };
    }
    return {
      attributes: attributes.with(at, {
        name: attribute.name,
        value: editValue(attribute.value, edit),
      }),
    };
  });
}

function editValue(value: OnnxAttributeValue, edit: AttributeEdit): OnnxAttributeValue {
  const change = <T>(list: readonly T[], item: T): T[] => {
    const at = edit.index % Math.max(list.length, 1);
    if (edit.kind === 2) return list.toSpliced(at, 1);
    if (edit.kind === 3) return list.toSpliced(at, 0, item);
    return list.length === 0 ? [item] : list.with(at, item);
  };
  switch (value.kind) {
    case "ints":
      return { kind: "ints", value: change(Array.from(value.value), edit.number) };
    case "floats":
      return { kind: "floats", value: change(Array.from(value.value), edit.weight) };
    case "strings":
      return { kind: "strings", value: change(value.value, "BRANCH_GT") };
    case "tensor": {
      const values = change(Array.from(value.value.values ?? []), edit.weight);
      return { kind: "tensor", value: { ...value.value, values } };
    }
    case "int":
      return { kind: "int", value: edit.number };
    case "float":
      return { kind: "float", value: edit.weight };
    case "string":
      return { kind: "string", value: "LOGISTIC" };
    case "other":
      return value;
  }
}
