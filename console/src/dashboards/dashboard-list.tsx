import { Empty, Loading } from "../components/empty.tsx";
import { asObject, asObjects, asText } from "../grafana/json.ts";
import type { Client } from "../prometheus/client.ts";
import { toFragment } from "../shell/location.ts";
import { useReply } from "../shell/use-reply.ts";

/** A dashboard of the server. */
export interface DashboardSummary {
  /** As in its URL. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

export async function listDashboards(
  client: Client,
  signal: AbortSignal,
): Promise<readonly DashboardSummary[]> {
  const reply = asObject(await client.own("dashboards", signal));
  return asObjects(reply["dashboards"]).map((each) => ({
    name: asText(each["name"]),
    title: asText(each["title"]),
    description: asText(each["description"]),
  }));
}

/** All dashboards of the server. */
export function DashboardList({ client }: { readonly client: Client }) {
  const { data, problem } = useReply((signal) => listDashboards(client, signal), [client]);
  if (problem !== undefined) return <Empty title="Cannot list the dashboards">{problem}</Empty>;
  if (data === undefined) return <Loading what="Loading the dashboards…" />;
  return (
    <>
      <div class="page-head">
        <h1>Dashboards</h1>
      </div>
      <ul class="cards">
        {data.map(({ name, title, description }) => (
          <li key={name} class="card">
            <h2>
              <a class="card-link" href={toFragment(["dashboards", name])}>
                {title}
              </a>
            </h2>
            <p class="card-text">{description}</p>
          </li>
        ))}
      </ul>
    </>
  );
}
