import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Static } from "typebox";
import { TepalError } from "../../kernel/errors.ts";
import { previewRows } from "../../serving/preview-rows.ts";
import type { AnyPredictor } from "../../serving/serving.ts";
import { isLoopback } from "../access/exposure.ts";
import { isOnThisMachine } from "../access/this-machine.ts";
import type { AppParts } from "../http.ts";
import { parseVersion, type ModelParams } from "../prediction/model-params.ts";
import { MODEL_PARAMS, VERSION_PARAMS } from "../schemas/models.ts";
import { PREDICT_REQUEST } from "../schemas/predict.ts";
import { problemReplies } from "../schemas/problem.ts";
import {
  NEAREST_LIMIT,
  NEAREST_QUERY,
  NEAREST_REPLY,
  REFERENCE_LIMIT,
  REFERENCE_QUERY,
  REFERENCE_REPLY,
} from "../schemas/reference.ts";

const PREFIXES = [
  { prefix: "/models/:name", params: MODEL_PARAMS, id: "", of: "the serving version" },
  {
    prefix: "/models/:name/versions/:version",
    params: VERSION_PARAMS,
    id: "OfVersion",
    of: "one version",
  },
] as const;

interface LimitQuery {
  readonly limit?: unknown;
}

/**
 * Adds the routes that show the rows with which the trust check compares. They are training data: with keys, they require the role load
 * or admin; without keys, only clients on this machine see them, and `--no-reference-rows` hides them altogether.
 */
export function addReferenceRoutes(app: FastifyInstance, { registry, options }: AppParts): void {
  function find({ name, version }: ModelParams, { raw }: FastifyRequest): AnyPredictor {
    if (!options.referenceRows) throw toForbidden("was started with --no-reference-rows");
    if (options.apiKeysFile === null && !(isLoopback(options.host) && isOnThisMachine(raw))) {
      const reach = isLoopback(options.host) ? "is behind a proxy" : "listens beyond this machine";
      throw toForbidden(`${reach} and requires no API key. Start it with --api-keys-file`);
    }
    return registry.find(name, parseVersion(version));
  }

  for (const { prefix, params, id, of } of PREFIXES) {
    const common = {
      tags: ["models"],
      params,
    };
    const route = {
      config: { access: "load" as const },
      // The registry and `parseLimit` check the parameters: 404 and 400 are the right statuses.
      validatorCompiler: () => () => true,
    };

    app.get<{ Params: ModelParams; Querystring: LimitQuery }>(
      `${prefix}/reference`,
      {
        ...route,
        schema: {
          ...common,
          operationId: `listReferenceRows${id}`,
          summary: `Training rows with which the trust check of ${of} compares`,
          description:
            "A sample, evenly spaced along the feature that varies most, if there are more rows than `limit`.",
          querystring: REFERENCE_QUERY,
          response: { 200: REFERENCE_REPLY, ...problemReplies(403, 404, 503) },
        },
      },
      async (request) => {
        const { params: at, query } = request;
        const limit = parseLimit(query.limit, REFERENCE_LIMIT);
        const predictor = find(at, request);
        return {
          ...describeReference(predictor),
          features: predictor.manifest.features.map(({ name }) => name),
          rows: await readRows(predictor, sample(predictor.reference?.count ?? 0, limit)),
        };
      },
    );

    app.post<{ Params: ModelParams; Querystring: LimitQuery }>(
      `${prefix}/nearest`,
      {
        ...route,
        schema: {
          ...common,
          operationId: `findNearestRows${id}`,
          summary: `Training rows nearest to a row, for ${of}`,
          description: "Predicts nothing and counts in no metric of the model.",
          querystring: NEAREST_QUERY,
          body: PREDICT_REQUEST,
          response: { 200: NEAREST_REPLY, ...problemReplies(403, 404, 408, 413, 415, 422, 503) },
        },
      },
      async (request) => {
        const { params: at, query, body } = request;
        const limit = parseLimit(query.limit, NEAREST_LIMIT);
        const predictor = find(at, request);
        const values = predictor.decodeRow(body);
        const nearest = predictor.reference?.findNearest(values, 0, limit) ?? [];
        const rows = await readRows(
          predictor,
          nearest.map(({ index }) => index),
        );
        return {
          ...describeReference(predictor),
          rows: rows.map((row, i) => ({ distance: nearest[i]!.distance, ...row })),
        };
      },
    );
  }
}

function describeReference({ manifest: { name, version }, reference }: AnyPredictor) {
  return {
    model: { name, version },
    kind: reference?.kind ?? "none",
    total: reference?.count ?? 0,
  };
}

type Row = Static<typeof REFERENCE_REPLY>["rows"][number];

/** Returns reference rows with their predictions. */
async function readRows(
  predictor: AnyPredictor,
  indexes: readonly number[],
): Promise<readonly Row[]> {
  const { reference, manifest, outputs, classValues } = predictor;
  if (reference === null || indexes.length === 0) return [];
  const rows = indexes.map((index) => reference.read(index).map(toFinite));
  const { labels, scores } = await previewRows(predictor, rows);
  return rows.map((values, i) => {
    if (manifest.task === "classification") {
      const label = labels[i]!;
      return { values, prediction: classValues[label]!, label: manifest.classes[label]! };
    }
    const targets = Array.from(scores.subarray(i * outputs, (i + 1) * outputs), toFinite);
    return { values, prediction: outputs === 1 ? targets[0]! : targets };
  });
}

function toFinite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Returns the indexes of at most `limit` rows, evenly spaced. */
function sample(count: number, limit: number): readonly number[] {
  const length = Math.min(count, limit);
  return Array.from({ length }, (_, i) => Math.floor((i * count) / length));
}

/** @throws TepalError MALFORMED_REQUEST */
function parseLimit(
  given: unknown,
  { maximum, default: fallback }: typeof REFERENCE_LIMIT | typeof NEAREST_LIMIT,
): number {
  if (given === undefined) return fallback;
  const limit = typeof given === "string" && /^\d{1,9}$/.test(given) ? Number(given) : 0;
  if (limit >= 1 && limit <= maximum) return limit;
  throw new TepalError(
    "MALFORMED_REQUEST",
    `Query parameter limit: Expected an integer from 1 to ${maximum}, got ${JSON.stringify(given).slice(0, 60)}.`,
  );
}

function toForbidden(reason: string): TepalError {
  return new TepalError("FORBIDDEN", `The server does not show training rows: it ${reason}.`);
}
