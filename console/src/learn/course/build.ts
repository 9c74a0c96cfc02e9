import type { Condition, Deed, Mechanics } from "./mechanics.ts";

/** A row of Iris within the training data, and one in inches. */
export const SAMPLE_ROW = {
  sepal_length: 5.9,
  sepal_width: 3,
  petal_length: 4.2,
  petal_width: 1.3,
} as const;
export const INCH_ROW = {
  sepal_length: 2.3,
  sepal_width: 1.2,
  petal_length: 1.7,
  petal_width: 0.5,
} as const;

/** Queries of tables, and of graphs. */
const QUERY_PATHS = ["api/v1/query", "api/v1/query_range"] as const;
/** Explore sends a long query as a form, and others in the URL. */
export const QUERIED = { type: "requested", at: "explore", method: ["GET", "POST"] } as const;

export const LOAD_PATH = "console/load/api/load/";

type View = "table" | "graph" | "tree";

/** A step that runs queries in Explore. */
export function runQueries(
  expressions: readonly string[],
  /** Parts that the queries must contain: learners may change the rest. @default the expressions */
  parts: readonly string[] = expressions,
  view: View = "graph",
): Mechanics {
  const parameters = [["view", view], ...expressions.map((expression) => ["q", expression])];
  return {
    page: "#/explore",
    pointAt: ["main .query", 'nav a[href="#/explore"]'],
    action: {
      label: expressions.length === 1 ? "run the query" : "run the queries",
      deeds: [{ type: "open", fragment: `#/explore?${new URLSearchParams(parameters)}` }],
    },
    done: parts.map((query) => ({ ...QUERIED, path: QUERY_PATHS, query })),
  };
}

/** A step that opens a page, on which an element then appears. */
export function openPage(
  path: readonly string[],
  what: string,
  selector: string,
  pointAt: readonly string[] = [],
): Mechanics {
  const fragment = `#/${path.join("/")}`;
  return {
    page: `#/${path[0]}`,
    pointAt: [...pointAt, `main a[href="${fragment}"]`, `nav a[href="#/${path[0]}"]`],
    action: { label: `open ${what}`, deeds: [{ type: "open", fragment }] },
    done: [
      { type: "opened", path },
      { type: "shown", selector },
    ],
  };
}

/** A step that predicts a row in Try it. */
export function predictRow(
  label: string,
  row: Readonly<Record<string, number>>,
  times = 1,
  more: readonly Condition[] = [],
): Mechanics {
  const parameters = Object.entries(row).map(([name, value]) => [`x.${name}`, String(value)]);
  const fragment = parameters.length === 0 ? "#/try" : `#/try?${new URLSearchParams(parameters)}`;
  const body = Object.entries(row)
    .map(([name, value]) => `"${name}":${value}`)
    .join();
  return {
    page: "#/try",
    pointAt: ['main form button[type="submit"]', "main form", 'nav a[href="#/try"]'],
    action: {
      label,
      deeds: [
        { type: "open", fragment },
        { type: "press", selector: 'main .try-form button[type="submit"]', times },
      ],
    },
    done: [
      { type: "requested", at: "try", method: "POST", path: "/predict", body },
      { type: "counted", metric: "model_predictions_total", by: times },
      ...more,
    ],
  };
}

/** A step that sends requests, from a terminal or from here. */
export function sendRequests(
  label: string,
  deeds: readonly Deed[],
  done: readonly Condition[],
  page = "#/overview",
): Mechanics {
  return { page, pointAt: ["main .tiles", "main h1"], action: { label, deeds }, done };
}

interface LoadPlan {
  readonly users: number;
  readonly userClass: string;
  readonly seconds: number;
}

/** Deeds that start a load test, after one that is in progress. */
export function startLoad({ users, userClass, seconds }: LoadPlan): readonly Deed[] {
  return [
    { type: "open", fragment: "#/load" },
    { type: "send", path: `${LOAD_PATH}stop`, accepts: [409] },
    {
      type: "send",
      path: `${LOAD_PATH}start`,
      body: {
        profile: { kind: "users", users, spawn_rate: users },
        user_classes: [userClass],
        run_time_seconds: seconds,
      },
      waits: [409],
    },
    { type: "open", fragment: "#/load/statistics" },
  ];
}

/** A step that starts a load test, of which the server answers requests. */
export function runLoad(
  plan: LoadPlan,
  route: string,
  requests: number,
  more: readonly Deed[] = [],
): Mechanics {
  return {
    page: "#/load/new",
    // The step sets several fields, and starts.
    pointAt: ["main .plan-form", 'nav a[href="#/load"]'],
    action: { label: "start the load test", deeds: [...startLoad(plan), ...more] },
    done: [
      {
        type: "requested",
        method: "POST",
        path: `${LOAD_PATH}start`,
        body: `"kind":"users"`,
      },
      { type: "counted", metric: "api_requests_total", labels: { route }, by: requests },
    ],
  };
}

/**
 * A step in the folder of dashboards, which only a terminal or an editor can do. The learner then opens the list, or the dashboard. The
 * file may be there already: a step that is done again does not change it.
 */
export function changeFile(text: string, dashboard?: string): Mechanics {
  const path = dashboard === undefined ? ["dashboards"] : ["dashboards", dashboard];
  return {
    page: `#/${path.join("/")}`,
    pointAt: ["main .dashboard-card", 'nav a[href="#/dashboards"]'],
    done: [
      { type: "opened", path },
      { type: "contained", path: `console/${path.join("/")}`, text },
    ],
  };
}
