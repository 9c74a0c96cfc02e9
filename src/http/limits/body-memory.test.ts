import { describe, expect, it } from "vitest";
import { createBodyMemory, FREE_BODY_BYTES } from "./body-memory.ts";

describe("the memory for bodies", () => {
  it("counts all bodies together, each above its first bytes", () => {
    const memory = createBodyMemory(1_000);
    const [one, two, small] = [memory.open(), memory.open(), memory.open()];
    expect(one.resize(FREE_BODY_BYTES + 600)).toBe(true);
    expect(two.resize(FREE_BODY_BYTES + 401)).toBe(false);
    expect(two.resize(FREE_BODY_BYTES + 400)).toBe(true);
    expect(small.resize(FREE_BODY_BYTES)).toBe(true);
    expect(one.resize(FREE_BODY_BYTES + 601)).toBe(false);
  });

  it("is free again once a body is closed, also twice", () => {
    const memory = createBodyMemory(1_000);
    const [one, two] = [memory.open(), memory.open()];
    one.resize(FREE_BODY_BYTES + 1_000);
    one.close();
    one.close();
    expect(two.resize(FREE_BODY_BYTES + 1_000)).toBe(true);
    expect(memory.open().resize(FREE_BODY_BYTES + 1)).toBe(false);
  });

  it("admits a single body of any size", () => {
    const memory = createBodyMemory(1_000);
    const one = memory.open();
    expect(one.resize(10_000_000)).toBe(true);
    expect(one.resize(20_000_000)).toBe(true);
    expect(memory.open().resize(FREE_BODY_BYTES + 1)).toBe(false);
  });
});
