import { useEffect, useRef, useState } from "preact/hooks";
import type { Dashboard, Variable } from "../grafana/dashboard.ts";
import { toSelector } from "../grafana/frames.ts";
import type { TimeRange } from "../grafana/time-range.ts";
import {
  interpolate,
  keepSelection,
  listOwnOptions,
  parseOptionQuery,
  toBuiltIns,
  toOptions,
  type Option,
  type Selection,
  type VariableState,
} from "../grafana/variables.ts";
import { ApiError } from "../lib/api.ts";
import type { Client } from "../prometheus/client.ts";

/** The variables of a dashboard; undefined until all of them are known once. */
export interface Variables {
  readonly selection: Selection | undefined;
  readonly problem: string | undefined;
}

/**
 * Loads the options of variables in their order, because queries refer to earlier ones. The selection stays the same object while
 * nothing in it changes, so that a refresh queries nothing twice.
 */
export function useVariables(
  dashboard: Dashboard,
  parameters: URLSearchParams,
  range: TimeRange,
  client: Client,
): Variables {
  const [state, setState] = useState<Variables>({ selection: undefined, problem: undefined });
  const last = useRef("");
  const loaded = useRef<Loaded>(new Map());
  const chosen = new URLSearchParams(
    [...parameters].filter(([name]) => name.startsWith("var-")),
  ).toString();
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    async function load(): Promise<void> {
      try {
        const selected = new URLSearchParams(chosen);
        const loader: Loader = { range, client, signal, loaded: loaded.current };
        const selection = await loadVariables(dashboard.variables, selected, loader);
        const id = JSON.stringify([...selection]);
        if (signal.aborted) return;
        if (id === last.current) {
          setState((before) =>
            before.problem === undefined ? before : { ...before, problem: undefined },
          );
          return;
        }
        last.current = id;
        setState({ selection, problem: undefined });
      } catch (error) {
        if (signal.aborted) return;
        const problem = error instanceof ApiError ? error.message : String(error);
        setState(({ selection }) => ({ selection, problem }));
      }
    }
    void load();
    return () => controller.abort();
  }, [dashboard, chosen, range, client]);
  return state;
}

/** The values of variables that depend on no time range, by name, with the query that gave them. */
type Loaded = Map<string, { readonly query: string; readonly values: readonly string[] }>;

interface Loader {
  readonly range: TimeRange;
  readonly client: Client;
  readonly signal: AbortSignal;
  readonly loaded: Loaded;
}

async function loadVariables(
  variables: readonly Variable[],
  parameters: URLSearchParams,
  loader: Loader,
): Promise<Selection> {
  const selection = new Map<string, VariableState>();
  for (const variable of variables) {
    const options =
      variable.type === "query"
        ? toOptions(await loadOnce(variable, selection, loader), variable)
        : listOwnOptions(variable, loader.range);
    const given = parameters.getAll(`var-${variable.name}`);
    const wanted = given.length > 0 ? given : variable.current;
    selection.set(variable.name, {
      variable,
      options,
      values: keepSelection(variable, options, wanted),
    });
  }
  return selection;
}

/** Returns the values of a query, which is sent again for other variables in it, and for another time range if it depends on that. */
async function loadOnce(
  variable: Variable,
  selection: Selection,
  loader: Loader,
): Promise<readonly string[]> {
  const { range, loaded } = loader;
  const query = interpolate(variable.query, selection, toBuiltIns(range), "expression");
  const before = loaded.get(variable.name);
  if (before?.query === query && !variable.dependsOnTime) return before.values;
  const values = await loadValues(query, loader);
  loaded.set(variable.name, { query, values });
  return values;
}

async function loadValues(
  query: string,
  { range, client, signal }: Loader,
): Promise<readonly string[]> {
  const times = { start: range.from / 1_000, end: range.to / 1_000 };
  const parsed = parseOptionQuery(query);
  switch (parsed.kind) {
    case "labels":
      return client.labelNames(signal);
    case "values": {
      const match = parsed.selector === "" ? {} : { "match[]": parsed.selector };
      return client.labelValues(parsed.label, { ...match, ...times }, signal);
    }
    case "metrics": {
      const names = await client.labelValues("__name__", times, signal);
      const pattern = new RegExp(parsed.pattern);
      return names.filter((name) => pattern.test(name));
    }
    case "result": {
      const result = await client.query(parsed.expr, range.to / 1_000, signal);
      if (result.resultType !== "vector") return [];
      return result.result.map(
        ({ metric, value: [time, value] }) =>
          `${toSelector(metric["__name__"] ?? "", metric)} ${value} ${time * 1_000}`,
      );
    }
    case "series": {
      if (parsed.selector === "") return [];
      const series = await client.series({ "match[]": parsed.selector, ...times }, signal);
      return series.map((metric) => toSelector(metric["__name__"] ?? "", metric));
    }
  }
}

/** Returns the options with "All" first, if the variable has it. */
export function listChoices({ variable, options }: VariableState): readonly Option[] {
  return variable.hasAll ? [{ text: "All", value: "$__all" }, ...options] : options;
}
