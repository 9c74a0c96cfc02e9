import type { DemoRows } from "./demo-rows.ts";
import type { PublicRow } from "../../model/public-row.ts";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom, type Random } from "../../kernel/random.ts";
import { print } from "../terminal/print.ts";

/** Milliseconds between two requests: about two a second. */
const PAUSE_MS = 500;
/** One request in so many is an outlier, and one is invalid. */
const OUTLIER_EVERY = 20;
const INVALID_EVERY = 33;
/** Largest relative difference of a value from that of its training row: no two requests are equal. */
const NOISE = 0.01;
const FAR = 20;

type Row = PublicRow;

/**
 * Sends gentle traffic to the default model until it is disposed: rows like known ones, an outlier and an invalid row now and then. A
 * request that fails is not repeated: the console shows it.
 *
 * @param readRows returns rows that the model accepts; they are read once
 */
export function startDemoTraffic(
  url: string,
  keyFile: string | null,
  readRows: (headers: Readonly<Record<string, string>>) => Promise<DemoRows>,
): AsyncDisposable {
  const controller = new AbortController();
  const { signal } = controller;
  const ended = send().catch((error: unknown) => {
    if (!signal.aborted) print(`  The demo traffic ended: ${String(error)}\n`);
  });
  print("  Demo      two predictions a second, an outlier and an invalid row now and then\n\n");
  return {
    async [Symbol.asyncDispose]() {
      controller.abort();
      await ended;
    },
  };

  async function send(): Promise<void> {
    const random = createRandom(1);
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (keyFile !== null) {
      headers["authorization"] = `Bearer ${(await readFile(keyFile, "utf8")).trim()}`;
    }
    const { rows, integers } = await readRows(headers);
    for (let count = 1; ; count++) {
      await sleep(PAUSE_MS * (0.5 + random.uniform()), undefined, { signal });
      const body = JSON.stringify(
        toBody(rows[random.below(rows.length)]!, count, random, integers),
      );
      try {
        const reply = await fetch(`${url}/predict`, { method: "POST", headers, body, signal });
        await reply.arrayBuffer();
      } catch (error) {
        // A request that fails is in the statistics of the server, or the server is not there.
        if (signal.aborted) throw error;
      }
    }
  }
}

/**
 * Returns the body of a request.
 * @param count its number, from 1
 * @param integers fields whose numbers stay as they are, except in an outlier
 */
export function toBody(
  row: Row,
  count: number,
  random: Random,
  integers: ReadonlySet<string> = new Set(),
): Readonly<Record<string, unknown>> {
  if (count % INVALID_EVERY === 0) return {};
  const factor = count % OUTLIER_EVERY === 0 ? FAR : 1;
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (typeof value !== "number") return [name, value];
      if (integers.has(name)) return [name, value * factor];
      return [name, value * factor * (1 + NOISE * (2 * random.uniform() - 1))];
    }),
  );
}
