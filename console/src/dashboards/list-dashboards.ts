import { asObject, asObjects, asText, asTexts } from "../grafana/json.ts";
import type { Client } from "../prometheus/client.ts";

/** A dashboard of the server. */
export interface DashboardSummary {
  /** As in its URL. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Grafana's ID, by which links name it. */
  readonly uid: string;
  /** The reason why the file cannot be drawn. */
  readonly problem: string | undefined;
}

export interface Listed {
  readonly dashboards: readonly DashboardSummary[];
  /** The reason why the folder of `--dashboards` cannot be read. */
  readonly problem: string | undefined;
}

export async function listDashboards(client: Client, signal: AbortSignal): Promise<Listed> {
  const reply = asObject(await client.own("dashboards", signal));
  return {
    problem: asText(reply["problem"]) || undefined,
    dashboards: asObjects(reply["dashboards"]).map((each) => ({
      name: asText(each["name"]),
      title: asText(each["title"]),
      description: asText(each["description"]),
      tags: asTexts(each["tags"]),
      uid: asText(each["uid"]),
      problem: asText(each["problem"]) || undefined,
    })),
  };
}
