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
  const chosen = new URLSearchParams(
    [...parameters].filter(([name]) => name.startsWith("var-")),
  ).toString();
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    async function load(): Promise<void> {
      try {
        const selected = new URLSearchParams(chosen);
        const selection = await loadVariables(dashboard.variables, selected, range, client, signal);
        const id = JSON.stringify([...selection]);
        if (signal.aborted || id === last.current) return;
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

async function loadVariables(
  variables: readonly Variable[],
  parameters: URLSearchParams,
  range: TimeRange,
  client: Client,
  signal: AbortSignal,
): Promise<Selection> {
  const selection = new Map<string, VariableState>();
  for (const variable of variables) {
    const options =
      variable.type === "query"
        ? toOptions(await loadValues(variable, selection, range, client, signal), variable)
        : listOwnOptions(variable, range);
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

async function loadValues(
  { query }: Variable,
  selection: Selection,
  range: TimeRange,
  client: Client,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const text = interpolate(query, selection, toBuiltIns(range), "expression");
  const times = { start: range.from / 1_000, end: range.to / 1_000 };
  const parsed = parseOptionQuery(text);
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
