import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { parseGolden } from "../../model/golden.ts";
import { parseManifest } from "../../model/parse-manifest.ts";
import { toPublicRow, type PublicRow } from "../../model/public-row.ts";

const MODELS = Type.Object({
  models: Type.Array(
    Type.Object({
      name: Type.String(),
      is_default: Type.Boolean(),
      serving: Type.Union([Type.Integer(), Type.Null()]),
    }),
  ),
});
const REFERENCE = Type.Object({
  kind: Type.Literal("training_rows"),
  rows: Type.Array(Type.Object({ values: Type.Array(Type.Union([Type.Number(), Type.Null()])) }), {
    minItems: 1,
  }),
});
const LIMIT = 2_000;

export interface DemoRows {
  readonly rows: readonly PublicRow[];
  /** Features whose numbers stay as they are: integers, and categories that are integers. */
  readonly integers: ReadonlySet<string>;
}

/**
 * Returns rows of the default model: its reference rows if the server shows them, which raise no drift alert, else the rows of its golden
 * predictions.
 *
 * @throws Error if the server has no model, or rejects the key
 */
export async function readDemoRows(
  url: string,
  folder: string,
  headers: Readonly<Record<string, string>>,
): Promise<DemoRows> {
  const get = async (path: string): Promise<unknown> =>
    (await fetch(`${url}/${path}`, { headers })).json();
  const { models } = Value.Parse(MODELS, await get("models"));
  const model = models.find(({ is_default: isDefault }) => isDefault);
  if (typeof model?.serving !== "number") throw new Error("No model is ready.");
  const path = `models/${encodeURIComponent(model.name)}`;
  const { features } = parseManifest(JSON.stringify(await get(path)));
  const integers = new Set(features.flatMap(({ type, name }) => (type === "number" ? [] : [name])));
  const reference = await get(`${path}/reference?limit=${LIMIT}`);
  if (Value.Check(REFERENCE, reference)) {
    return { rows: reference.rows.map(({ values }) => toPublicRow(features, values)), integers };
  }
  const file = join(folder, model.name, String(model.serving), "golden.json");
  const { pairs } = parseGolden(await readFile(file, "utf8"));
  return { rows: pairs.map(({ input }) => toPublicRow(features, input)), integers };
}
