// Measures predictions in requests of different sizes, one request after the other:
//
//     npx node examples/tutorial/batch-sizes.ts [URL] [SECONDS]
//
// The variable API_KEY has the key of a server that requires one.
const [url = "http://127.0.0.1:8000", seconds = "2"] = process.argv.slice(2);
const ROW = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };

const key = process.env["API_KEY"];
const headers = {
  "Content-Type": "application/json",
  ...(key !== undefined && { Authorization: `Bearer ${key}` }),
};

async function send(path: string, body: string): Promise<void> {
  const reply = await fetch(new URL(path, url), { method: "POST", headers, body });
  if (!reply.ok) throw new Error(`${path}: Expected status 200, got ${reply.status}.`);
  await reply.arrayBuffer();
}

function printRow(cells: readonly (string | number)[]): void {
  process.stdout.write(`${cells.map((cell) => String(cell).padStart(14)).join("")}\n`);
}

async function measure(rows: number): Promise<void> {
  const [path, content] =
    rows === 1
      ? ["predict", ROW]
      : ["predict/batch", { instances: Array.from({ length: rows }, () => ROW) }];
  const body = JSON.stringify(content);
  await send(path, body);
  const start = performance.now();
  let requests = 0;
  let elapsed = 0;
  while (elapsed < Number(seconds)) {
    await send(path, body);
    requests++;
    elapsed = (performance.now() - start) / 1_000;
  }
  const cells = [
    rows,
    (requests / elapsed).toFixed(0),
    ((requests * rows) / elapsed).toFixed(0),
    ((1_000 * elapsed) / requests).toFixed(2),
  ];
  printRow(cells);
}

printRow(["rows/request", "requests/s", "rows/s", "ms/request"]);
for (const rows of [1, 10, 100, 1_000]) await measure(rows);
