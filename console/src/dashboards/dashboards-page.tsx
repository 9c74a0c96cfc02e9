import type { PageProps } from "../shell/page-props.ts";
import { DashboardList } from "./dashboard-list.tsx";
import { DashboardPage } from "./dashboard-page.tsx";

/** The list of dashboards, or one of them. */
export function DashboardsPage({ place, client }: PageProps) {
  const [, name] = place.path;
  return name === undefined ? (
    <DashboardList client={client} />
  ) : (
    <DashboardPage key={name} name={name} place={place} client={client} />
  );
}
