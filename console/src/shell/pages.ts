import type { ComponentType } from "preact";
import type { PageProps } from "./page-props.ts";
import type { Role } from "./server-state.ts";

/** Keys, for example `["Shift", "Enter"]`, and their effect. */
export interface Shortcut {
  readonly keys: readonly string[];
  readonly effect: string;
}

export interface Page {
  /** First part of its path. */
  readonly id: string;
  readonly title: string;
  /** A page that needs the monitor is replaced by a notice on servers without it. */
  readonly needs: "server" | "monitor";
  /** The role that its requests require. Default: metrics if it needs the monitor, else predict. */
  readonly role?: Role;
  /** Its content in a few words, for the search. */
  readonly about?: string;
  /** Keys that it handles, for the help: keys and effect. */
  readonly shortcuts?: readonly Shortcut[];
  /** Loads the code of the page when it is opened. */
  readonly load: () => Promise<ComponentType<PageProps>>;
}

/** The pages in the order of the navigation; the first is the start. */
export const PAGES: readonly Page[] = [
  {
    id: "overview",
    title: "Overview",
    about: "Is it well? Requests, latency, errors, outliers, alerts, events",
    needs: "monitor",
    load: () => import("../overview/overview-page.tsx").then((module) => module.OverviewPage),
  },
  {
    id: "dashboards",
    title: "Dashboards",
    about: "The history of the server in panels",
    shortcuts: [
      { keys: ["v"], effect: "View the panel with the focus or the pointer; Esc: all panels" },
      { keys: ["e"], effect: "Open the queries of the panel in Explore" },
      { keys: ["z"], effect: "Zoom out: twice the time range" },
      { keys: ["r"], effect: "Refresh now" },
    ],
    needs: "monitor",
    load: () => import("../dashboards/dashboards-page.tsx").then((module) => module.DashboardsPage),
  },
  {
    id: "explore",
    title: "Explore",
    about: "PromQL expressions as tables, graphs, trees and sentences; metrics",
    shortcuts: [
      { keys: ["Enter"], effect: "Run the queries" },
      { keys: ["Shift", "Enter"], effect: "Start a new line" },
    ],
    needs: "monitor",
    load: () => import("../explore/explore-page.tsx").then((module) => module.ExplorePage),
  },
  {
    id: "try",
    title: "Try it",
    about: "Predict a row or a CSV file, and see how far to trust it",
    needs: "server",
    load: () => import("../try/try-page.tsx").then((module) => module.TryPage),
  },
  {
    id: "model",
    title: "Model",
    about: "Training report, live distributions, files, versions, reload",
    needs: "server",
    load: () => import("../model/model-page.tsx").then((module) => module.ModelPage),
  },
  {
    id: "alerts",
    title: "Alerts",
    about: "Rules, firing alerts, silences, receivers",
    shortcuts: [{ keys: ["↑", "↓"], effect: "Move between rules" }],
    needs: "monitor",
    load: () => import("../alerts/alerts-page.tsx").then((module) => module.AlertsPage),
  },
  {
    id: "load",
    title: "Load test",
    about: "Start, watch and compare load tests",
    needs: "server",
    role: "load",
    load: () => import("../load/load-page.tsx").then((module) => module.LoadPage),
  },
  {
    id: "status",
    title: "Status",
    about: "Targets, rules, receivers, processes, options",
    needs: "server",
    role: "metrics",
    load: () => import("../status/status-page.tsx").then((module) => module.StatusPage),
  },
  {
    id: "learn",
    title: "Learn",
    about: "The course beside the pages: questions, steps that check themselves",
    needs: "server",
    load: () => import("../learn/learn-page.tsx").then((module) => module.LearnPage),
  },
];
