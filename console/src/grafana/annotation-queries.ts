import { asFlag, asObject, asObjects, asText, asTexts } from "./json.ts";

/** A query whose samples mark times in all charts of a dashboard. */
export interface AnnotationQuery {
  readonly name: string;
  readonly expr: string;
  /** Minimum step, for example `60s`. */
  readonly step: string;
  readonly isEnabled: boolean;
  /** False if the page shows no switch for it. */
  readonly isShown: boolean;
  readonly colour: string;
  readonly titleFormat: string;
  readonly textFormat: string;
  /** Labels whose values are tags. */
  readonly tagKeys: readonly string[];
  /** True if values are times, in milliseconds. */
  readonly usesValueForTime: boolean;
}

/** Returns the annotations that Prometheus answers. Grafana's own, which its database holds, have no expression. */
export function parseAnnotations(annotations: unknown): readonly AnnotationQuery[] {
  return asObjects(asObject(annotations)["list"]).flatMap((raw) => {
    const target = asObject(raw["target"]);
    const expr = asText(raw["expr"]) || asText(target["expr"]);
    if (expr === "") return [];
    return [
      {
        name: asText(raw["name"], "Annotation"),
        expr,
        step: asText(raw["step"]) || asText(target["interval"]),
        isEnabled: asFlag(raw["enable"], true),
        isShown: !asFlag(raw["hide"]),
        colour: asText(raw["iconColor"]) || "red",
        titleFormat: asText(raw["titleFormat"]) || asText(raw["name"]),
        textFormat: asText(raw["textFormat"]),
        tagKeys: Array.isArray(raw["tagKeys"])
          ? asTexts(raw["tagKeys"])
          : asText(raw["tagKeys"])
              .split(",")
              .map((key) => key.trim())
              .filter((key) => key !== ""),
        usesValueForTime: asFlag(raw["useValueForTime"]),
      },
    ];
  });
}
