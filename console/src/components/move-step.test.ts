import { expect, it } from "vitest";
import { moveStep } from "./move-step.ts";

it("moves over values with arrows, Home and End, and stays within them", () => {
  const press = (keys: readonly string[]) =>
    keys.reduce<number | undefined>((at, key) => {
      const next = moveStep(key, at, 3);
      return next === "unchanged" ? at : next;
    }, undefined);
  expect(press(["ArrowRight"])).toBe(0);
  expect(press(["ArrowLeft"])).toBe(2);
  expect(press(["ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown"])).toBe(2);
  expect(press(["End", "ArrowUp"])).toBe(1);
  expect(press(["End", "Home", "ArrowLeft"])).toBe(0);
  expect(press(["End", "x"])).toBe(2);
  expect(press(["End", "Escape"])).toBeUndefined();
  expect(moveStep("ArrowRight", undefined, 0)).toBe("unchanged");
});
