import { describe, expect, it } from "vitest";
import { readContent, readRecorded } from "../../lab/lab-plugin.ts";
import { parseDashboard } from "../grafana/dashboard.ts";
import { createApi } from "../lib/api.ts";
import { createClient } from "../prometheus/client.ts";
import { createLabServer } from "./lab-server.ts";
import { openRecording } from "./open-recording.ts";

interface Reply {
  readonly path: string;
  readonly status: number;
  readonly body: string;
}

const { recording, dashboards } = readContent();
const send = createLabServer(openRecording(recording), dashboards);
const client = createClient(createApi({ key: () => "", fetch: send, root: "" }));
const { signal } = new AbortController();
/** Written by the server whose traffic was recorded. */
const replies = readRecorded<readonly Reply[]>("replies");

/** Sorts an instant vector, whose order is that of the scrape. All else stays. */
function sortVector(body: string): unknown {
  const reply: { readonly data?: { readonly resultType: string; readonly result: unknown[] } } =
    JSON.parse(body);
  if (reply.data?.resultType === "vector") {
    reply.data.result.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  }
  return reply;
}

describe("the lab, in the place of a server", () => {
  it.each(replies.map((reply) => [decodeURIComponent(reply.path), reply] as const))(
    "replies with the same JSON as the recorded server: %s",
    async (_title, { path, status, body }) => {
      const reply = await send(`prometheus/api/v1/${path}`, {});
      expect([reply.status, sortVector(await reply.text())]).toEqual([status, sortVector(body)]);
    },
  );

  it("replies to a query that is sent as a form", async () => {
    const query = new URLSearchParams({ query: "count(up)" }).toString();
    const reply = await send("prometheus/api/v1/query", { method: "POST", body: query });
    const { data } = (await reply.json()) as { readonly data: object };
    const time = recording.endMs / 1_000;
    expect(data).toEqual({ resultType: "vector", result: [{ metric: {}, value: [time, "2"] }] });
  });

  it("has labels, values, series, metadata and the scrape interval", async () => {
    expect(await client.labelNames(signal)).toContain("route");
    expect(await client.labelValues("job", {}, signal)).toEqual(["loadtest", "tepal"]);
    const { up: _up, ...metadata } = await client.data<Record<string, object[]>>(
      "metadata",
      {},
      signal,
    );
    expect(metadata["api_requests_total"]).toMatchObject([{ type: "counter" }]);
    expect(await client.series({ "match[]": "up" }, signal)).toHaveLength(2);
    expect(await client.scrapeInterval(signal)).toBe(5_000);
  });

  it("lists its dashboards, which show the recording", async () => {
    const listed = (await client.own("dashboards", signal)) as {
      readonly dashboards: readonly { readonly name: string; readonly title: string }[];
    };
    expect(listed.dashboards.map(({ title }) => title)).toEqual([
      "Overview",
      "Latency Analysis",
      "Model",
      "Request Analysis",
    ]);
    const [first] = listed.dashboards;
    const { time, refresh } = parseDashboard(await client.own(`dashboards/${first?.name}`, signal));
    expect([time, refresh]).toEqual([{ from: "now-15m", to: "now" }, ""]);
  });

  it("rejects other paths, and requests that were aborted", async () => {
    await expect(client.own("server", signal)).rejects.toMatchObject({ failure: "absent" });
    await expect(client.data("rules", {}, signal)).rejects.toMatchObject({ failure: "absent" });
    const aborted = AbortSignal.abort();
    await expect(send("console/source", { signal: aborted })).rejects.toThrow("abort");
  });
});
