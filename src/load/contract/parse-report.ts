import { Compile } from "typebox/compile";
import { isJsonObject, type JsonObject } from "../../kernel/json.ts";
import { ReportSchema, type RunReport } from "./report.ts";

const checker = Compile(ReportSchema);

/** Returns a value from outside as the report of a run if it has the shape of one, otherwise undefined. Unknown fields stay. */
export function parseReport(value: unknown): RunReport | undefined {
  const report = upgrade(value);
  return checker.Check(report) ? report : undefined;
}

/** Brings a report of an earlier version into the present form. */
function upgrade(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  const { plan, generator, total, endpoints } = value;
  return {
    ...value,
    ...(isJsonObject(plan) &&
      isJsonObject(generator) && { plan: { workers: generator["processes"], ...plan } }),
    ...(isJsonObject(generator) && { generator: upgradeGenerator(generator) }),
    ...(isJsonObject(total) && { total: upgradeEndpoint(total) }),
    ...(Array.isArray(endpoints) && {
      endpoints: endpoints.map((one: unknown) => (isJsonObject(one) ? upgradeEndpoint(one) : one)),
    }),
  };
}

/** `overloaded` held the message of any cause. */
function upgradeGenerator({ overloaded, ...generator }: JsonObject): JsonObject {
  if (overloaded === undefined) return generator;
  const invalid =
    overloaded === null ? null : { cause: "generator_overloaded", message: overloaded };
  return { invalid, ...generator };
}

/** Times of nothing were 0. */
function upgradeEndpoint(endpoint: JsonObject): JsonObject {
  const times = ["service_time", "response_time", "failure_time"].map((name) => {
    const time = endpoint[name];
    if (!isJsonObject(time) || time["count"] !== 0) return [name, time];
    const none = Object.keys(time).map((field) => [field, field === "count" ? 0 : null]);
    return [name, Object.fromEntries(none)];
  });
  return { ...endpoint, ...Object.fromEntries(times) };
}
