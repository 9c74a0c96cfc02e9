import { request } from "undici";

/** A sample of an instant query. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type Reply = {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly resultType: string;
    readonly result:
      | readonly {
          readonly metric: Record<string, string>;
          readonly value?: [number, string];
          readonly values?: [number, string][];
        }[]
      | [number, string];
  };
};

/** Evaluates an instant query of the Prometheus HTTP API. Of a range, it returns the newest sample. */
export async function queryInstant(url: string, promql: string): Promise<readonly Sample[]> {
  const { body } = await request(`${url}/api/v1/query`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ query: promql }).toString(),
  });
  const text = await body.text();
  const { data, error }: Reply = JSON.parse(text);
  if (data === undefined) throw new Error(`${promql}: ${error ?? text}`);
  if (data.resultType === "scalar" || data.resultType === "string") {
    return [{ labels: {}, value: Number(data.result[1]) }];
  }
  return data.result.flatMap((series) => {
    if (typeof series !== "object") return [];
    const newest = series.value ?? series.values?.at(-1);
    return [{ labels: series.metric, value: Number(newest?.[1]) }];
  });
}

/** Formats samples as lines `name{label="value"} 12`, sorted. */
export function formatSamples(samples: readonly Sample[]): string {
  return samples
    .map(({ labels, value }) => `${formatLabels(labels)} ${value}`)
    .toSorted()
    .join("\n");
}

/** @param leftOut names of labels that are left out */
export function formatLabels(
  labels: Readonly<Record<string, string>>,
  leftOut: readonly string[] = [],
): string {
  const { __name__: name = "", ...others } = labels;
  const parts = Object.entries(others)
    .filter(([label]) => !leftOut.includes(label))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${parts.join(", ")}}`;
}
