import type { Panel } from "../grafana/dashboard.ts";

/** What a panel shows in place of values that it does not have. */
export function NoValue({ panel }: { readonly panel: Panel }) {
  const { noValue } = panel.defaults;
  const text = typeof noValue === "string" && noValue !== "" ? noValue : "No data";
  return <p class="big-value is-empty">{text}</p>;
}
