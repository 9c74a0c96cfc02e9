import { writeFile } from "node:fs/promises";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { Agent, request } from "undici";
import { describeMismatch, toInputError } from "../../kernel/check.ts";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { renderScript, type SampleValue } from "../../load/script/render-script.ts";
import type { LoadRequest } from "./load-request.ts";

const MAX_ROWS = 30;
const SampleValueSchema = Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()]);
const MODELS = Type.Object({
  models: Type.Array(Type.Object({ name: Type.String(), is_default: Type.Boolean() })),
});
const OrNull = Type.Union([Type.Number(), Type.Null()]);
const MANIFEST = Type.Object({
  features: Type.Array(
    Type.Object({
      name: Type.String(),
      type: Type.String(),
      min: OrNull,
      max: OrNull,
    }),
  ),
});
const EXAMPLE = Type.Record(Type.String(), SampleValueSchema);
const REFERENCE = Type.Object({
  kind: Type.Literal("training_rows"),
  rows: Type.Array(Type.Object({ values: Type.Array(OrNull) }), { minItems: 1 }),
});

/** The rows of a script: sampled training rows, or the typical row alone. */
export interface InitialScript {
  readonly model: string;
  readonly rows: number;
}

/**
 * Writes a load script for a model of the server. An existing file is never overwritten.
 *
 * @param name undefined: the default model
 * @throws TepalError INVALID_OPTION if the server cannot be read, or has no such model; CANNOT_WRITE
 */
export async function initScript(
  file: string,
  loadRequest: LoadRequest,
  name: string | null,
): Promise<InitialScript> {
  await using server = connect(loadRequest);
  const { models } = await server.get("models", MODELS);
  const model = models.find((each) => (name === null ? each.is_default : each.name === name));
  if (model === undefined) {
    const names = models.map((each) => each.name).join(", ");
    const message =
      models.length === 0
        ? `Expected a server with a model, got none from ${loadRequest.options.host}.`
        : describeMismatch(`one of its models (${names})`, name ?? undefined);
    throw toProblem("--model", message);
  }
  const path = `models/${encodeURIComponent(model.name)}`;
  const { features } = await server.get(path, MANIFEST);
  const example = await server.get(`${path}/example`, EXAMPLE);
  const typical: readonly SampleValue[] = features.map((feature) => example[feature.name] ?? null);
  // Reference rows have the codes of categories and truth values, which no request has.
  const areNumbers = features.every(({ type }) => type === "number" || type === "integer");
  const reference = areNumbers ? await server.find(`${path}/reference?limit=${MAX_ROWS}`) : null;
  const rows = reference?.rows.map(({ values }) => values) ?? [typical];
  await create(file, renderScript({ name: model.name, features, rows }));
  return { model: model.name, rows: rows.length };
}

interface Server extends AsyncDisposable {
  get<Schema extends Type.TSchema>(path: string, schema: Schema): Promise<Static<Schema>>;
  /** Returns the training rows, or null if the server does not show them. */
  find(path: string): Promise<Static<typeof REFERENCE> | null>;
}

function connect({ options: { host }, http }: LoadRequest): Server {
  const { timeoutSeconds, headers, ca, verify } = http;
  const agent = new Agent({
    connect: { rejectUnauthorized: verify, ...(ca === null ? {} : { ca }) },
    headersTimeout: 1_000 * timeoutSeconds,
  });
  async function read(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
    try {
      const url = `${host.replace(/\/$/, "")}/${path}`;
      const { statusCode, body } = await request(url, {
        dispatcher: agent,
        headers: { ...headers?.values },
      });
      const text = await body.text();
      return { status: statusCode, body: statusCode === 200 ? JSON.parse(text) : text };
    } catch (error) {
      throw toProblem("--host", `Cannot read ${path} of ${host}: ${toMessage(error)}`);
    }
  }
  return {
    async get(path, schema) {
      const { status, body } = await read(path);
      if (status !== 200) {
        const advice = status === 401 || status === 403 ? " --key-file sends a key." : "";
        throw toProblem(
          "--host",
          `Expected status 200 for /${path} of ${host}, got ${status}.${advice}`,
        );
      }
      if (!Value.Check(schema, body)) {
        throw toProblem("--host", `Expected a Tepal server, got another reply for /${path}.`);
      }
      return body;
    },
    async find(path) {
      const { body } = await read(path);
      return Value.Check(REFERENCE, body) ? body : null;
    },
    [Symbol.asyncDispose]: () => agent.close(),
  };
}

async function create(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: "wx" });
  } catch (error) {
    const exists = error instanceof Error && "code" in error && error.code === "EEXIST";
    const message = exists
      ? `${file} exists. Choose another name, or delete it.`
      : `Cannot write ${file}: ${toMessage(error)}`;
    throw new TepalError("CANNOT_WRITE", message, { cause: error });
  }
}

function toProblem(at: string, message: string): TepalError {
  return toInputError("INVALID_OPTION", "option", [{ at, message }]);
}
