import type { ComponentType } from "preact";
import { DashboardsPage } from "../dashboards/dashboards-page.tsx";
import { ExplorePage } from "../explore/explore-page.tsx";
import type { PageProps } from "./page-props.ts";

export interface Page {
  /** First part of its path. */
  readonly id: string;
  readonly title: string;
  readonly Page: ComponentType<PageProps>;
}

/** The pages in the order of the navigation; the first is the start. */
export const PAGES: readonly Page[] = [
  { id: "dashboards", title: "Dashboards", Page: DashboardsPage },
  { id: "explore", title: "Explore", Page: ExplorePage },
];
