import type { Panel } from "../grafana/dashboard.ts";

/** A panel without values. */
export function NoValue({ panel }: { readonly panel: Panel }) {
  const { noValue } = panel.defaults;
  const text = typeof noValue === "string" && noValue !== "" ? noValue : "No data";
  return <p class="big-value is-empty">{text}</p>;
}
