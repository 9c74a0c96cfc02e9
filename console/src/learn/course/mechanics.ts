/** The mechanics of a step: the tutorial states what to do, and this how the console shows, does and checks it. */
export interface Mechanics {
  /** Fragment of the page on which the step happens, for example `#/explore?q=up`. */
  readonly page: string;
  /** Selectors of the part to point at; the first that the page has is taken. */
  readonly pointAt: readonly string[];
  /** Undefined for a step that only a terminal or an editor can do. */
  readonly action?: Action;
  /** The step is done when all conditions hold. At least one is an event, so that a step is not done at its begin. */
  readonly done: readonly Condition[];
}

/** "Do it": what the console does for the learner, in order. */
export interface Action {
  readonly label: string;
  readonly deeds: readonly Deed[];
}

export type Deed =
  /** Opens a page of the console. */
  | { readonly type: "open"; readonly fragment: string }
  /** Presses a control once the page has it, `times` times with a pause. */
  | { readonly type: "press"; readonly selector: string; readonly times?: number }
  /** Fills a field or selects an option once the page has it. */
  | { readonly type: "fill"; readonly selector: string; readonly value: string }
  /** Sends a request to the server. */
  | ({ readonly type: "send"; readonly times?: number } & Message);

/** A request to the server, as JSON unless `contentType` is set. */
export interface Message {
  readonly path: string;
  /** @default "POST" */
  readonly method?: string;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Statuses besides 2xx that the step expects. */
  readonly accepts?: readonly number[];
  /** Statuses beside 503 after which it is sent again each second, at most 20 times: another run has not ended yet. */
  readonly waits?: readonly number[];
}

/** Something that must happen after the step began. */
export type EventCondition =
  /** The console opens a page: the path begins with these parts, and parameters contain strings. */
  | {
      readonly type: "opened";
      readonly path: readonly string[];
      readonly parameters?: Readonly<Record<string, string>>;
    }
  /** A page of the console sends a request that gets a reply. Query and body contain strings. */
  | {
      readonly type: "requested";
      /** First part of the path of the page. @default any page */
      readonly at?: string;
      /** With several, each of them is accepted. @default "GET" */
      readonly method?: string | readonly string[];
      /** End of the path: `/predict` is not `/predict/batch`. With several, each of them is accepted. */
      readonly path: string | readonly string[];
      /** Part of the decoded parameters, of the URL or of a form. */
      readonly query?: string;
      readonly body?: string;
      /** @default 2xx */
      readonly status?: number;
    }
  /** A control is pressed, by pointer or key. */
  | { readonly type: "pressed"; readonly selector: string };

/** A change of a number since the step began. */
export type ChangeCondition =
  /** The sum of the series of a metric in the server's metrics response increases. */
  | {
      readonly type: "counted";
      readonly metric: string;
      readonly labels?: Readonly<Record<string, string>>;
      /** @default a value above that at the begin */
      readonly by?: number;
    }
  /** The value of a query increases. */
  | { readonly type: "increased"; readonly expr: string; readonly by?: number };

/** A state that must hold when the step is done; it may hold before. */
export type StateCondition =
  /** The page has an element. */
  | { readonly type: "shown"; readonly selector: string }
  /** The reply of the server at a path contains a string; a missing resource contains none. */
  | { readonly type: "contained"; readonly path: string; readonly text: string }
  /** The value of a query is at least this. */
  | { readonly type: "queried"; readonly expr: string; readonly atLeast: number };

export type Condition = EventCondition | ChangeCondition | StateCondition;

export function isEvent(condition: Condition): condition is EventCondition {
  return ["opened", "requested", "pressed"].includes(condition.type);
}

export function isChange(condition: Condition): condition is ChangeCondition {
  return ["counted", "increased"].includes(condition.type);
}
