import { listDashboards } from "../dashboards/list-dashboards.ts";
import { asNumber, asText, asTexts } from "../grafana/json.ts";
import { toFragment } from "../shell/location.ts";
import { useReply } from "../shell/use-reply.ts";
import type { PanelProps } from "./panel-props.ts";

/** Links to the dashboards of the server. */
export function DashList({ panel, client }: PanelProps) {
  const { data, problem } = useReply((signal) => listDashboards(client, signal), [client]);
  if (problem !== undefined) return <p class="panel-problem">{problem}</p>;
  if (data === undefined) return null;
  const { options } = panel;
  const wanted = asTexts(options["tags"]);
  const query = options["showSearch"] === false ? "" : asText(options["query"]).toLowerCase();
  const shown = data.dashboards
    .filter(
      ({ title, tags }) =>
        title.toLowerCase().includes(query) && wanted.every((tag) => tags.includes(tag)),
    )
    .slice(0, asNumber(options["maxItems"]) ?? 10);
  if (shown.length === 0) return <p class="big-value is-empty">No dashboards</p>;
  return (
    <ul class="dash-list">
      {shown.map(({ name, title }) => (
        <li key={name}>
          <a href={toFragment(["dashboards", name])}>{title}</a>
        </li>
      ))}
    </ul>
  );
}
