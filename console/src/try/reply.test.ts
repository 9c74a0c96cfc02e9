import { expect, it } from "vitest";
import { describeVerdict, type Reply } from "./reply.ts";

const reply = (changes: Partial<Reply>): Reply => ({
  prediction: 0,
  warnings: [],
  out_of_distribution: null,
  model: { name: "iris", version: 1 },
  id: "1",
  ...changes,
});

it("states the p-value of an outlier once, with its limit", () => {
  const { title, text } = describeVerdict(
    reply({
      warnings: [{ code: "out_of_distribution", message: "The row is unlike …", alpha: 0.01 }],
      out_of_distribution: { p_value: 0.0066, is_outlier: true },
    }),
  );
  expect(title).toBe("Unlike the training data");
  expect(text).toMatch(
    /^Of rows like the training data, 0\.66 % are at least as unusual \(p-value 0\.0066\)\. The limit of the p-value is 0\.01\. Do not rely on this prediction: /,
  );
});
