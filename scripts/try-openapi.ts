/**
 * Checks the OpenAPI document of a server with models of every kind: `node scripts/try-openapi.ts [--examples N] [--seed N]`.
 *
 * - Redocly CLI has no finding with its recommended rules.
 * - openapi-typescript generates a client, whose types a program uses by the names that users expect.
 * - Schemathesis has no failure with all checks.
 *
 * Run it by hand: it installs these programs from npm and PyPI in a temporary folder, and needs Python 3 with venv.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { createServer } from "../src/server.ts";
import { importNullable, trainIris, trainNumbers, trainPlane } from "../test/support/models.ts";

const NPM_PACKAGES = ["@redocly/cli@2.77.0", "openapi-typescript@7.13.0", "typescript@5.9.3"];
const SCHEMATHESIS = "schemathesis==4.32.5";

/** Uses the types of Iris as a client would. */
const CLIENT = `
import type { components, operations } from "./api";

type Schemas = components["schemas"];
const row: Schemas["IrisRow"] = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const batch: Schemas["IrisBatch"] = { instances: [row, [5.1, 3.5, 1.4, 0.2]] };

export function read(reply: Schemas["IrisReply"], problem: Schemas["Problem"]): string {
  const label: "setosa" | "versicolor" | "virginica" = reply.label;
  const isOutlier: boolean = reply.out_of_distribution.is_outlier;
  const share: number = reply.probabilities.setosa;
  for (const warning of reply.warnings) {
    if (warning.code === "out_of_range") return warning.feature;
    if (warning.code === "out_of_distribution") return String(warning.p_value);
  }
  const pointers = problem.errors?.map(({ pointer }) => pointer);
  return [label, isOutlier, share, reply.model.version, pointers, batch.instances.length].join();
}

export function readGrade({ prediction }: Schemas["NumbersPrediction"]): 3 | 6 | 8 {
  return prediction;
}

export type Body = operations["predict"]["requestBody"]["content"]["application/json"];
export const body: Body = row;
// @ts-expect-error A row needs all features.
export const incomplete: Body = { sepal_length: 5.1 };
`;

const { values } = parseArgs({
  options: {
    examples: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
  },
});

/** Runs a program to its end; the server in this process replies meanwhile. Returns its standard output. */
async function run(program: string, ...words: readonly string[]): Promise<string> {
  const child = spawn(program, words, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  if (status === 0) return stdout;
  throw new Error(`FAILED: ${program} ${words.join(" ")}\n${stdout}${stderr}`);
}

const folder = await mkdtemp(join(tmpdir(), "tepal-openapi-"));
try {
  await writeFile(join(folder, "package.json"), "{}");
  await run("npm", "install", "--no-audit", "--no-fund", ...NPM_PACKAGES);
  await run("python3", "-m", "venv", "venv");
  await run("venv/bin/pip", "install", "--quiet", SCHEMATHESIS);

  const models = join(folder, "models");
  await trainIris(models);
  await trainNumbers(models);
  await trainPlane(models);
  await importNullable(models);
  const server = await createServer({ models, defaultModel: "iris", port: 0, drainTimeout: 0.1 });
  await using closing = new AsyncDisposableStack();
  closing.defer(() => server.close());
  const url = await server.listen();
  const address = `${url}/openapi.json`;
  await writeFile(join(folder, "api.json"), await (await fetch(address)).text());

  const lint = ["redocly", "lint", "--extends=recommended", "--format=json", "api.json"];
  const report = await run("npx", ...lint);
  if (!/"errors": 0,\s*"warnings": 0,/.test(report)) throw new Error(`FAILED: Redocly\n${report}`);
  console.log("Redocly: no finding of the recommended rules");

  await run("npx", "openapi-typescript", "api.json", "--output=api.d.ts");
  await writeFile(join(folder, "client.ts"), CLIENT);
  await run("npx", "tsc", "--noEmit", "--strict", "--skipLibCheck", "client.ts");
  console.log("openapi-typescript: the client's types are those that a program uses");

  const flags = ["--checks=all", "--continue-on-failure"];
  const limits = [`--max-examples=${values.examples}`, `--seed=${values.seed}`];
  const output = await run("venv/bin/schemathesis", "run", address, ...flags, ...limits);
  console.log(`Schemathesis: ${/\d+ generated, \d+ passed/.exec(output)?.[0] ?? output}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
