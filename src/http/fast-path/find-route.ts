import type { HttpOptions } from "../options.ts";
import type { ModelOfPath } from "../prediction/model-params.ts";
import { BATCH_PREDICTOR, ROW_PREDICTOR, type BodyPredictor } from "../prediction/predict-body.ts";
import type { RequestMeter, RouteSeries } from "../request-meter.ts";

/** A route that predicts, and the model that the path of a request names. */
export interface MatchedRoute {
  readonly predict: BodyPredictor;
  /** Largest body in bytes. */
  readonly limit: number;
  readonly series: RouteSeries;
  readonly model: ModelOfPath;
}

/** Returns the route of a path; undefined for a path that only the app's router can match, or that has no route. */
export type FindRoute = (url: string) => MatchedRoute | undefined;

const MODEL_PATH =
  /^\/models\/([^/?#%]{1,200})(?:\/versions\/([1-9]\d{0,8}))?(\/predict(?:\/batch)?)$/;

export function createRouteFinder(
  meter: RequestMeter,
  { bodyLimit, batchLimit }: Pick<HttpOptions, "bodyLimit" | "batchLimit">,
): FindRoute {
  const routes = new Map<string, MatchedRoute>();
  for (const [suffix, predict, limit] of [
    ["/predict", ROW_PREDICTOR, bodyLimit],
    ["/predict/batch", BATCH_PREDICTOR, batchLimit],
  ] as const) {
    for (const prefix of ["", "/models/:name", "/models/:name/versions/:version"]) {
      const route = `${prefix}${suffix}`;
      const series = meter.open(route);
      if (route === "/predict") series.prepare("POST");
      routes.set(route, { predict, limit, series, model: {} });
    }
  }
  return (url) => {
    if (!url.startsWith("/models/")) return routes.get(url);
    const [, name, version, suffix] = MODEL_PATH.exec(url) ?? [];
    const template = `/models/:name${version === undefined ? "" : "/versions/:version"}${suffix}`;
    const route = routes.get(template);
    if (route === undefined) return undefined;
    return {
      ...route,
      model: { name, version: version === undefined ? version : Number(version) },
    };
  };
}
