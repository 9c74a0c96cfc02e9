/** A page handles this number of series of a query without a pause; no chart shows as many. */
export const MAX_SERIES = 1_000;

/** A reply of the Prometheus API, as far as its size matters. */
export interface LimitedReply {
  readonly data?: {
    readonly resultType?: string;
    readonly result?: readonly unknown[];
    readonly omitted?: number;
  };
}

/** Keeps the first series of a range query that has too many, and states the number of the others as `omitted`. */
export function limitSeries(reply: LimitedReply): LimitedReply {
  const { data } = reply;
  const result = data?.result;
  if (data?.resultType !== "matrix" || result === undefined || result.length <= MAX_SERIES) {
    return reply;
  }
  const omitted = result.length - MAX_SERIES;
  return { ...reply, data: { ...data, result: result.slice(0, MAX_SERIES), omitted } };
}

/** A part of a parsed reply: the page takes each in a task of its own, which is short. */
export type ReplyPart =
  | { readonly kind: "head"; readonly head: LimitedReply }
  | { readonly kind: "series"; readonly series: readonly unknown[] }
  | { readonly kind: "end" }
  | { readonly kind: "problem"; readonly message: string };
