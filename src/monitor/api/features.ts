import { SIGNATURES, UNSUPPORTED } from "../../promql/syntax/function-signatures.ts";
import { AGGREGATORS } from "../../promql/syntax/ast.ts";
import { toResult, type Endpoint } from "./api.ts";

const toFlags = (names: Iterable<string>, isEnabled: boolean): Record<string, boolean> =>
  Object.fromEntries(Array.from(names, (name) => [name, isEnabled]));

const OPERATORS = "+ - * / % ^ == != > < >= <= =~ !~ and or unless atan2 @".split(" ");

/** The features in Prometheus's categories and names, and our own as `tepal`, so that clients can detect them without comparing versions. */
const FEATURES: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  api: {
    ...toFlags(
      [
        "exclude_alerts",
        "label_values_match",
        "query_stats",
        "query_warnings",
        "time_range_labels",
        "time_range_series",
      ],
      true,
    ),
    ...toFlags(
      [
        "admin",
        "lifecycle",
        "otlp_write_receiver",
        "query_cost",
        "remote_write_receiver",
        "search",
      ],
      false,
    ),
  },
  prometheus: { agent_mode: false, auto_reload_config: false, server_mode: true },
  promql: {
    ...toFlags(
      [
        "at_modifier",
        "bool",
        "by",
        "duration_expr",
        "group_left",
        "group_right",
        "ignoring",
        "negative_offset",
        "offset",
        "on",
        "per_query_lookback_delta",
        "subqueries",
        "without",
      ],
      true,
    ),
    ...toFlags(
      [
        "anchored",
        "delayed_name_removal",
        "fill",
        "fill_left",
        "fill_right",
        "per_step_stats",
        "smoothed",
        "type_and_unit_labels",
        "unquoted_utf8_names",
      ],
      false,
    ),
  },
  promql_functions: {
    ...toFlags(Object.keys(SIGNATURES), true),
    ...toFlags(UNSUPPORTED.keys(), false),
  },
  promql_operators: {
    ...toFlags([...AGGREGATORS, ...OPERATORS], true),
    ...toFlags(["limitk", "limit_ratio", "</", ">/"], false),
  },
  rules: { concurrent_rule_eval: false, keep_firing_for: true, query_offset: true },
  tepal: { query_tree: true },
  scrape: { extra_scrape_metrics: false, type_and_unit_labels: false },
  tsdb: { exemplar_storage: true, native_histograms: false },
};

/** `features`. */
export const features: Endpoint = () => toResult(FEATURES);
