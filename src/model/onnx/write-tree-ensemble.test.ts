import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandomCase } from "../../../test/support/random-ensemble.ts";
import { decodeModel } from "./decode-model.ts";
import { readDescription } from "./read-description.ts";
import { parseTreeEnsemble } from "./read-tree-ensemble.ts";
import { encodeTreeEnsemble } from "./write-tree-ensemble.ts";

describe("encodeTreeEnsemble", () => {
  it("is the inverse of parseTreeEnsemble", () => {
    fc.assert(
      fc.property(fc.nat(1e9), (seed) => {
        const { ensemble } = createRandomCase(seed);
        const bytes = encodeTreeEnsemble(ensemble, { producerVersion: "1.2.3" });
        expect(parseTreeEnsemble(bytes)).toEqual(ensemble);
      }),
      { numRuns: 300 },
    );
  });

  it("returns the same bytes for the same ensemble", () => {
    const options = { producerVersion: "1", featureNames: ["größe", "b"] };
    for (let seed = 0; seed < 20; seed++) {
      const first = encodeTreeEnsemble(createRandomCase(seed).ensemble, options);
      expect(encodeTreeEnsemble(createRandomCase(seed).ensemble, options)).toEqual(first);
    }
  });

  it("writes the header, the feature names and the metadata", () => {
    const { ensemble } = createRandomCase(1, {
      task: "classification",
      inputType: "float",
      features: 2,
    });
    const featureNames = ["sepal length", "größe, in cm"];
    const nullableFeatures = featureNames.slice(1);
    const metadata = new Map([["trained_on", "iris.csv"]]);
    const options = { producerVersion: "0.1.0", featureNames, nullableFeatures, metadata };
    const bytes = encodeTreeEnsemble(ensemble, options);
    expect(readDescription(bytes)).toEqual({ isOwn: true, featureNames, nullableFeatures });
    const model = decodeModel(bytes);
    expect(model).toMatchObject({ producerName: "tepal", producerVersion: "0.1.0", irVersion: 7 });
    expect(model.opsets).toEqual([
      { domain: "", version: 13 },
      { domain: "ai.onnx.ml", version: 3 },
    ]);
    expect(JSON.parse(model.metadata.get("feature_names") ?? "")).toEqual(featureNames);
    expect(model.metadata.get("trained_on")).toBe("iris.csv");
    expect(model.graph.inputs).toEqual([
      { name: "features", elementType: 1, shape: [undefined, 2] },
    ]);
    expect(model.graph.outputs.map(({ name }) => name)).toEqual(["label", "probabilities"]);
  });
});
