import { describe, expect, it } from "vitest";
import { selectDefault, type DefaultSources } from "./select-default.ts";

function select(
  models: Readonly<Record<string, boolean>>,
  sources: Partial<DefaultSources> = {},
): ReturnType<typeof selectDefault> {
  return selectDefault({
    configured: null,
    recorded: undefined,
    before: undefined,
    ...sources,
    models: new Map(
      Object.entries(models).map(([name, canServe]) => [
        name,
        { serving: canServe ? {} : undefined },
      ]),
    ),
  });
}

describe("selectDefault", () => {
  it("selects the configured model before all others, and reports one that does not exist", () => {
    const sources = { configured: "wine", recorded: "iris", before: "iris" };
    expect(select({ iris: true, wine: true }, sources)).toMatchObject({
      name: "wine",
      notice: null,
    });
    expect(select({ iris: true }, sources)).toMatchObject({
      name: "wine",
      notice: 'The default model "wine" (--default-model) does not exist.',
    });
  });

  it("selects the recorded model, for any names of the others", () => {
    const models = { customers: true, iris: true };
    expect(select(models, { recorded: "iris" })).toEqual({
      name: "iris",
      isGuess: false,
      notice: null,
    });
    expect(select(models, { recorded: "iris", before: "customers" }).name).toBe("iris");
  });

  it("keeps what serves while the recorded model cannot serve", () => {
    const sources = { recorded: "wine", before: "iris" };
    expect(select({ iris: true, wine: false }, sources)).toMatchObject({
      name: "iris",
      notice: expect.stringContaining('"wine" (default.json) cannot serve. iris answers /predict.'),
    });
  });

  it("keeps the recorded model at the start, even if it cannot serve, and states the choice", () => {
    const notice =
      'The default model "wine" (default.json) cannot serve. Models: iris, wine. Choose one with ' +
      '--default-model NAME, or write {"model": "NAME"} to default.json in the models folder.';
    expect(select({ iris: true, wine: false }, { recorded: "wine" })).toEqual({
      name: "wine",
      isGuess: false,
      notice,
    });
    expect(select({ a: true, b: true }, { recorded: "wine" })).toMatchObject({
      name: "wine",
      notice: expect.stringContaining("does not exist. Models: a, b. Choose one"),
    });
  });

  it("selects the only model if the recorded one does not exist", () => {
    expect(select({ flower: true }, { recorded: "iris" })).toMatchObject({
      name: "flower",
      isGuess: false,
      notice: expect.stringContaining("does not exist. flower answers /predict."),
    });
  });

  it("selects the only model without a record, without a notice", () => {
    expect(select({ iris: true })).toEqual({ name: "iris", isGuess: false, notice: null });
    expect(select({})).toEqual({ name: undefined, isGuess: false, notice: null });
  });

  it("reports a choice among several models as ambiguous at the start, and keeps it afterwards", () => {
    expect(select({ a: false, b: true, c: true })).toMatchObject({
      name: "b",
      isGuess: true,
      notice: expect.stringMatching(/^The default model is ambiguous: b, .*Models: a, b, c\./),
    });
    expect(select({ a: true, b: true }, { before: "b" })).toMatchObject({
      name: "b",
      isGuess: false,
      notice: null,
    });
  });
});
