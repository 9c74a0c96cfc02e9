import { expect, it } from "vitest";
import { fuzzOnnxReader } from "../../../test/fuzz/onnx.ts";

it("survives damaged and hostile ONNX files", () => {
  const { accepted, damaged, unsupported } = fuzzOnnxReader(400);
  expect(accepted).toBeGreaterThan(50);
  expect(damaged).toBeGreaterThan(100);
  expect(unsupported).toBeGreaterThan(5);
});
