import { writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createFolder } from "../test/support/folders.ts";
import { startServer } from "../test/support/server.ts";

/** Panels of the dashboard `panels`. */
export const PANELS = 100;
/** Series of each of them. */
export const SERIES = 20;
/** Series of the only panel of the dashboard `many`. */
export const MANY_SERIES = 10_000;
const MANY_POINTS = 61;

/** A Tepal server with two dashboards, over a program that replies like Prometheus. */
export async function startSite(): Promise<{ readonly url: string } & AsyncDisposable> {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(await createFolder());
  const panels = Array.from({ length: PANELS }, (_each, index) => ({
    id: index + 1,
    type: "timeseries",
    title: `Panel ${index + 1}`,
    gridPos: { x: (index % 4) * 6, y: Math.floor(index / 4) * 5, w: 6, h: 5 },
    targets: [{ expr: `made_up{panel="${index}", series="${SERIES}"}`, refId: "A" }],
  }));
  const dashboard = { title: "Panels", time: { from: "now-1h", to: "now" } };
  await writeFile(`${folder.path}/panels.json`, JSON.stringify({ ...dashboard, panels }));
  const many = {
    ...dashboard,
    panels: [
      {
        ...panels[0],
        gridPos: { x: 0, y: 0, w: 24, h: 14 },
        maxDataPoints: MANY_POINTS,
        targets: [{ expr: `made_up{series="${MANY_SERIES}"}`, refId: "A" }],
      },
    ],
  };
  await writeFile(`${folder.path}/many.json`, JSON.stringify(many));
  const prometheus = await startMadeUpPrometheus();
  resources.defer(() => void prometheus.close());
  const { port } = prometheus.address() as AddressInfo;
  const server = resources.use(
    await startServer({ dashboards: folder.path, prometheusUrl: `http://127.0.0.1:${port}` }),
  );
  return { url: server.url, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

async function startMadeUpPrometheus(): Promise<Server> {
  const server = createHttpServer((request, reply) => {
    const parameters = new URL(request.url ?? "", "http://x").searchParams;
    const read = (name: string): number => Number(parameters.get(name));
    const count = Number(/series="(\d+)"/.exec(parameters.get("query") ?? "")?.[1] ?? 1);
    const isRange = request.url?.includes("query_range") === true;
    const data = !isRange
      ? request.url?.includes("/targets") === true
        ? { activeTargets: [{ scrapeInterval: "15s" }] }
        : { resultType: "vector", result: [] }
      : {
          resultType: "matrix",
          result: Array.from({ length: count }, (_each, index) => ({
            metric: { __name__: "made_up", series: String(index) },
            values: listPoints(read("start"), read("end"), read("step"), index),
          })),
        };
    reply.setHeader("content-type", "application/json");
    reply.end(JSON.stringify({ status: "success", data }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function listPoints(start: number, end: number, step: number, series: number) {
  const points: (readonly [number, string])[] = [];
  for (let at = start; at <= end; at += step) {
    points.push([at, (series + Math.sin(at / 300 + series)).toFixed(6)]);
  }
  return points;
}
