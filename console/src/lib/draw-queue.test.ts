import { expect, it } from "vitest";
import { enqueueDrawing } from "./draw-queue.ts";

it("draws in the order of the calls, each before the next, and leaves out what was cancelled", async () => {
  const steps: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const draw = (name: string) => (): void => {
    steps.push(`${name} begins`);
    // As uPlot does.
    queueMicrotask(() => steps.push(`${name} has drawn`));
  };
  enqueueDrawing(draw("a"));
  const cancel = enqueueDrawing(draw("b"));
  enqueueDrawing(draw("c"));
  enqueueDrawing(resolve);
  cancel();
  expect(steps).toEqual([]);
  await promise;
  expect(steps).toEqual(["a begins", "a has drawn", "c begins", "c has drawn"]);
});
