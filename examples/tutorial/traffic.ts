// Sends predictions in numbers, as several clients with pauses do:
//
//     npx node examples/tutorial/traffic.ts [--requests 1000] [--clients 10] [--inches] [--url URL]
//
// The variable API_KEY has the key of a server that requires one.
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    requests: { type: "string", default: "1000" },
    clients: { type: "string", default: "10" },
    inches: { type: "boolean", default: false },
    url: { type: "string", default: "http://127.0.0.1:8000" },
  },
});
const CM_PER_INCH = 2.54;
/** Largest pause of a client between two requests, in milliseconds. */
const MAX_PAUSE = 200;

const key = process.env["API_KEY"];
const headers = {
  "Content-Type": "application/json",
  ...(key !== undefined && { Authorization: `Bearer ${key}` }),
};
const file = new URL("../iris/iris.csv", import.meta.url);
const [header = "", ...lines] = (await readFile(file, "utf8")).trim().split("\n");
const names = header.split(",").slice(0, 4);
const rows = lines.map((line) => line.split(",").slice(0, 4).map(Number));

/** Draws a training row, with each value moved by up to 0.05 cm. */
function drawRow(): Record<string, number> {
  const row = rows[Math.floor(Math.random() * rows.length)] ?? [];
  const moved = row.map((value) => value + 0.1 * (Math.random() - 0.5));
  const sent = options.inches ? moved.map((value) => value / CM_PER_INCH) : moved;
  return Object.fromEntries(names.map((name, i) => [name, sent[i] ?? 0]));
}

interface Prediction {
  readonly label: string;
  readonly out_of_distribution: { readonly is_outlier: boolean };
}

const statuses = new Map<number, number>();
const classes = new Map<string, number>();
let flagged = 0;
let left = Number(options.requests);

async function runClient(): Promise<void> {
  while (left > 0) {
    left--;
    const reply = await fetch(new URL("/predict", options.url), {
      method: "POST",
      headers,
      body: JSON.stringify(drawRow()),
    });
    statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
    const body: unknown = await reply.json();
    if (reply.ok) countPrediction(body as Prediction);
    await new Promise((resolve) => setTimeout(resolve, MAX_PAUSE * Math.random()));
  }
}

function countPrediction({ label, out_of_distribution: verdict }: Prediction): void {
  classes.set(label, (classes.get(label) ?? 0) + 1);
  if (verdict.is_outlier) flagged++;
}

await Promise.all(Array.from({ length: Number(options.clients) }, runClient));
const format = (counts: ReadonlyMap<string | number, number>): string =>
  [...counts]
    .toSorted()
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
process.stdout.write(`Statuses: ${format(statuses)}
Classes:  ${format(classes)}
Flagged:  ${flagged}
`);
