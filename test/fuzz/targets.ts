import { fuzzCsv } from "./csv.ts";
import { fuzzDecoding } from "./decode.ts";
import { fuzzHeavyJson } from "./heavy-json.ts";
import { fuzzHttp } from "./http.ts";
import { fuzzImport } from "./import.ts";
import { fuzzModelFiles } from "./model-files.ts";
import { fuzzNative } from "./native.ts";
import { fuzzOnnxReader } from "./onnx.ts";
import { fuzzPipelines } from "./pipelines.ts";
import { fuzzPromql } from "./promql.ts";
import { fuzzPromqlGrowth } from "./promql-growth.ts";
import { fuzzRawHttp } from "./raw-http.ts";
import { fuzzRoads } from "./roads.ts";
import { fuzzRowStream } from "./row-stream.ts";
import { fuzzRules } from "./rules.ts";
import { fuzzTraining } from "./train.ts";

/** A part of the product that is fuzzed. */
export interface FuzzTarget {
  /**
   * @param runs number of inputs of each kind
   * @param seed 0…2³¹ − 1; the same seed gives the same inputs
   * @returns counts of the results
   * @throws fast-check's report of a failing input, with the seed and the path to it
   */
  readonly fuzz: (runs: number, seed: number) => object | Promise<object>;
  /** Runs that take about a second. */
  readonly runs: number;
}

export const TARGETS: Readonly<Record<string, FuzzTarget>> = {
  onnx: { fuzz: fuzzOnnxReader, runs: 1_000 },
  native: { fuzz: fuzzNative, runs: 200 },
  pipelines: { fuzz: fuzzPipelines, runs: 300 },
  decode: { fuzz: fuzzDecoding, runs: 1_500 },
  csv: { fuzz: fuzzCsv, runs: 500 },
  "row-stream": { fuzz: fuzzRowStream, runs: 300 },
  "model-files": { fuzz: fuzzModelFiles, runs: 150 },
  train: { fuzz: fuzzTraining, runs: 60 },
  import: { fuzz: fuzzImport, runs: 60 },
  rules: { fuzz: fuzzRules, runs: 2_000 },
  promql: { fuzz: fuzzPromql, runs: 300 },
  "promql-growth": { fuzz: fuzzPromqlGrowth, runs: 100 },
  http: { fuzz: fuzzHttp, runs: 40 },
  "raw-http": { fuzz: fuzzRawHttp, runs: 100 },
  roads: { fuzz: fuzzRoads, runs: 100 },
  "heavy-json": { fuzz: fuzzHeavyJson, runs: 4 },
};
