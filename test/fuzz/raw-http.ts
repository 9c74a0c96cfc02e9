import * as fc from "fast-check";
import { toIrisObject } from "../support/models.ts";
import { sendRaw } from "../support/raw-http.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** The outcomes of one run. */
interface RawCount {
  accepted: number;
  rejected: number;
}

const BODY = JSON.stringify(toIrisObject([5.1, 3.5, 1.4, 0.2]));
const BODY_LIMIT = 20_000;
const PATHS = ["/predict", "/models/iris/predict", "/models", "/health/live", "/docs", "/"];

/** One request, with the properties on which its status depends. */
interface Shape {
  readonly method: string;
  readonly path: string;
  readonly version: string;
  readonly hosts: readonly string[];
  readonly coding: string | null;
  readonly isLarge: boolean;
  readonly expects: boolean;
}

function shape(): fc.Arbitrary<Shape> {
  const rarely = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(usual) },
      { weight: 1, arbitrary: fc.constantFrom(...others) },
    );
  return fc.record({
    method: fc.oneof(
      fc.constantFrom("GET", "POST", "POST"),
      fc.constantFrom("TRACE", "PROPFIND", "PUT", "DELETE", "OPTIONS", "QUERY"),
    ),
    path: rarely<string>("/predict", ...PATHS, "*"),
    version: rarely<string>("1.1", "1.0", "2.0"),
    hosts: rarely<readonly string[]>(
      ["localhost"],
      ["127.0.0.1:8000"],
      [],
      ["localhost", "localhost"],
      ["localhost", "evil.example"],
      ["evil.example"],
      [""],
      ["a b"],
    ),
    coding: rarely<string | null>(null, "chunked", "Chunked", "gzip, chunked", "gzip"),
    isLarge: rarely(false, true),
    expects: rarely(false, true),
  });
}

function toBytes({ method, path, version, hosts, coding, isLarge, expects }: Shape): string {
  const length = isLarge ? BODY_LIMIT + 1 : BODY.length;
  const lines = [
    `${method} ${path} HTTP/${version}`,
    ...hosts.map((host) => `Host: ${host}`),
    "Connection: close",
    "Content-Type: application/json",
    coding === null ? `Content-Length: ${length}` : `Transfer-Encoding: ${coding}`,
    ...(expects ? ["Expect: 100-continue"] : []),
  ];
  // A client that expects an error for its head sends no body: the reply must not depend on it.
  const hasBody = coding !== null || !isLarge;
  const chunks = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
  const body = hasBody ? (coding === null ? BODY : chunks) : "";
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** Returns the status of a request by the rules of RFC 9110 and 9112, in the order in which they apply. */
function toStatus({ method, path, version, hosts, coding, isLarge }: Shape): number {
  if (version === "2.0") return 505;
  if (path === "*" && method !== "OPTIONS") return 400;
  if (coding !== null && version === "1.0") return 400;
  if (coding !== null && coding.toLowerCase() !== "chunked") return 501;
  const [host] = hosts;
  if (host === undefined) {
    if (version === "1.1") return 400;
  } else if (hosts.length > 1 || host === "" || host.includes(" ")) return 400;
  else if (host === "evil.example") return 403;
  const isPrediction = path.endsWith("/predict");
  if (method !== (isPrediction ? "POST" : "GET")) return 405;
  if (path === "/docs") return 302;
  return isPrediction && isLarge && coding === null ? 413 : 200;
}

/**
 * Sends requests whose framing is odd, and compares each status with the rules of HTTP. There is one final reply, 100 Continue comes only
 * before a body that is read, and the server continues to predict.
 */
export async function fuzzRawHttp(runs: number, seed = 1): Promise<RawCount> {
  const count: RawCount = { accepted: 0, rejected: 0 };
  await using server = await startServer({ bodyLimit: BODY_LIMIT, requestTimeout: 5 });
  await fc.assert(
    fc.asyncProperty(shape(), (one) => checkOne(server, one, count)),
    { numRuns: runs, seed, endOnFailure: false },
  );
  return count;
}

async function checkOne(server: TestServer, one: Shape, count: RawCount): Promise<void> {
  const received = await sendRaw(server.url, toBytes(one));
  const statuses = (received.match(/^HTTP\/1\.1 \d{3}/gm) ?? []).map((line) => line.slice(9));
  const expected = String(toStatus(one));
  check(statuses.at(-1) === expected, `status ${expected}: ${received.slice(0, 300)}`);
  const interim = statuses.slice(0, -1);
  const mayContinue = one.expects && expected === "200" && one.method === "POST";
  check(interim.length === 0 || mayContinue, `no interim reply: ${statuses.join()}`);
  check(interim.every((status) => status === "100") && interim.length <= 1, "at most one 100");
  if (expected === "200") count.accepted += 1;
  else count.rejected += 1;
  const { status } = await server.send("/predict", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: BODY,
  });
  check(status === 200, `a prediction afterwards: ${status}`);
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Expected ${what}`);
}
