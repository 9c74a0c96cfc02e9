import { expect, it } from "vitest";
import { createApi } from "../lib/api.ts";
import { createClient } from "../prometheus/client.ts";
import { loadPast } from "./load-overview.ts";
import type { OverviewNumber } from "./numbers.ts";

const REQUESTS: OverviewNumber = {
  name: "requests",
  label: "Requests",
  note: "",
  expr: "up",
  unit: "reqps",
  decimals: undefined,
  panel: 1,
};

it("rejects when the page is left, and leaves no other rejection behind", async () => {
  const controller = new AbortController();
  const { promise: isLoading, resolve: begin } = Promise.withResolvers<void>();
  const api = createApi({
    key: () => "",
    fetch: async (url) => {
      if (url.includes("targets")) return Response.json({ data: { activeTargets: [] } });
      const isFirst = url.includes("min_over_time");
      if (isFirst) return Response.json({ data: { resultType: "vector", result: [] } });
      begin();
      return new Promise(() => {});
    },
  });
  const past = loadPast(createClient(api), [REQUESTS], controller.signal);
  await isLoading;
  controller.abort();
  await expect(past).rejects.toThrow("aborted");
  // Vitest fails for rejections without a handler, which Node.js reports before this timer.
  await new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
});
