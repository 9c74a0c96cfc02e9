import type { ComponentType } from "preact";
import type { PageProps } from "./page-props.ts";

export interface Page {
  /** First part of its path. */
  readonly id: string;
  readonly title: string;
  /** A page that needs the monitor is replaced by a notice on servers without it. */
  readonly needs: "server" | "monitor";
  /** Loads the code of the page when it is opened. */
  readonly load: () => Promise<ComponentType<PageProps>>;
}

/** The pages in the order of the navigation; the first is the start. */
export const PAGES: readonly Page[] = [
  {
    id: "dashboards",
    title: "Dashboards",
    needs: "monitor",
    load: () => import("../dashboards/dashboards-page.tsx").then((module) => module.DashboardsPage),
  },
  {
    id: "explore",
    title: "Explore",
    needs: "monitor",
    load: () => import("../explore/explore-page.tsx").then((module) => module.ExplorePage),
  },
  {
    id: "alerts",
    title: "Alerts",
    needs: "monitor",
    load: () => import("../alerts/alerts-page.tsx").then((module) => module.AlertsPage),
  },
  {
    id: "load",
    title: "Load test",
    needs: "server",
    load: () => import("../load/load-page.tsx").then((module) => module.LoadPage),
  },
];
