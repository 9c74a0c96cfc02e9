import { expect, test } from "vitest";
import { catchTepalError, toFeatures } from "../../test/guard/data.ts";
import { compileGuard } from "./compile-guard.ts";
import {
  decodeFilledReference,
  encodeFilledReference,
  type FilledReference,
} from "./filled-reference.ts";
import { fitGuard } from "./fit/fit-guard.ts";

const sample: FilledReference = {
  whitening: {
    width: 3,
    centre: Float64Array.of(1, 2, 3),
    matrix: Float64Array.of(1, 2, 3, 4, 5, 6),
  },
  features: 2,
  values: Float64Array.of(1, 2, 3, 4),
  filled: Uint8Array.of(0, 1, 0, 0),
  calibration: Float64Array.of(0.5, Number.POSITIVE_INFINITY),
};

test("a reference with filled values is decoded to the same content", () => {
  expect(decodeFilledReference(encodeFilledReference(sample))).toEqual(sample);
});

test("each damaged byte and each other length is rejected", () => {
  const bytes = encodeFilledReference(sample);
  for (let at = 0; at < bytes.length; at++) {
    const damaged = bytes.with(at, bytes[at]! ^ 1);
    expect(catchTepalError(() => decodeFilledReference(damaged))?.code).toBe("MODEL_DAMAGED");
  }
  for (const part of [bytes.subarray(0, 40), bytes.subarray(1), new Uint8Array(0)]) {
    expect(catchTepalError(() => decodeFilledReference(part))?.code).toBe("MODEL_DAMAGED");
  }
});

test("a reference of another model is rejected", () => {
  const rows = (width: number) => ({
    values: Float64Array.from({ length: 12 }, (_, i) => (i === 5 ? Number.NaN : i % 5)),
    count: 12 / width,
    width,
  });
  const two = fitGuard(rows(2), null, 0);
  const three = fitGuard(rows(3), null, 0);
  expect(compileGuard(two.parameters, two.reference, toFeatures(2)).filled?.filled[5]).toBe(1);
  const error = catchTepalError(() => compileGuard(two.parameters, three.reference, toFeatures(2)));
  expect(error?.problems.map(({ at }) => at)).toContain("/guard/reference_rows");
});
