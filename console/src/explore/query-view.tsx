import type { PrometheusClient } from "@prometheus-io/codemirror-promql";
import { useMemo, useRef } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { CrossIcon } from "../components/icons.tsx";
import { usePanelData } from "../dashboards/use-panel-data.ts";
import type { Palette } from "../grafana/colours.ts";
import { parseDashboard } from "../grafana/dashboard.ts";
import { formatInterval } from "../grafana/interval.ts";
import type { QueryContext } from "../grafana/panel-query.ts";
import { resolveFields } from "../grafana/resolve-fields.ts";
import type { TimeRange } from "../grafana/time-range.ts";
import { transform } from "../grafana/transform/transform.ts";
import { formatPlural } from "../lib/format.ts";
import { TablePanel } from "../panels/table-panel.tsx";
import { TimeSeries } from "../panels/time-series/time-series.tsx";
import type { Client } from "../prometheus/client.ts";
import { useSize } from "../lib/use-size.ts";
import type { ExpressionEditor } from "./editor/create-editor.ts";
import { parseMark } from "./editor/error-mark.ts";
import type { FindHelp } from "./editor/help.ts";
import type { View } from "./explore-place.ts";
import { ExpressionField } from "./expression-field.tsx";
import type { Metadata } from "./metadata.ts";
import { ExplainView, QueryTree } from "./query-tree.tsx";
import type { Source } from "./source.ts";
import { useCheck } from "./use-check.ts";

interface Props {
  /** 1 for the first. */
  readonly number: number;
  /** As it was run; empty before. */
  readonly expression: string;
  readonly draft: string;
  readonly view: View;
  readonly context: QueryContext | undefined;
  readonly client: Client;
  readonly palette: Palette;
  readonly completion: PrometheusClient;
  readonly findHelp: FindHelp;
  readonly metadata: Metadata;
  readonly source: Source | undefined;
  readonly onEditor: (editor: ExpressionEditor | undefined) => void;
  /** Called when its editor gets the focus. */
  readonly onFocus: () => void;
  readonly onDraft: (draft: string) => void;
  readonly onRun: () => void;
  /** Undefined for the only query. */
  readonly onRemove: (() => void) | undefined;
  readonly onZoom: (range: TimeRange) => void;
}

/** Prometheus names the parameter before a parse error. */
const PREFIX = /^invalid parameter "query": /;

/** An expression with its result. */
export function QueryView(props: Props) {
  const { number, expression, draft, view, context, client, palette, metadata } = props;
  const root = useRef<HTMLDivElement>(null);
  const size = useSize(root);

  const panel = useMemo(() => toPanel(expression, view), [expression, view]);
  const isResult = view === "table" || view === "graph";
  const data = usePanelData(panel, size.width, context, client, isResult && expression !== "");
  const checked = useCheck(draft, client);
  const editor = useRef<ExpressionEditor | undefined>(undefined);
  const isRun = expression !== "" && draft === expression;
  const problem = (isRun && isResult ? data.problem : undefined) ?? checked;
  // A new object for each render would mark it again.
  const mark = useMemo(() => (problem === undefined ? undefined : parseMark(problem)), [problem]);
  const select = (start: number, end: number): void => editor.current?.select(start, end);
  // After a change of the view, the last result stays as it was drawn until the new one arrives.
  const { panel: drawn } = data;
  const frames = useMemo(
    () => resolveFields(transform(data.frames ?? [], drawn.transformations).frames, drawn, palette),
    [data.frames, drawn, palette],
  );
  const isCurrent = expression !== "" && data.frames !== undefined;
  const isGraph = drawn.type === "timeseries";
  const count = isGraph ? frames.length : (frames[0]?.fields[0]?.values.length ?? 0);
  const step = data.queries[0]?.stepMs;
  const Result = isGraph ? TimeSeries : TablePanel;

  return (
    <section
      ref={root}
      class="query"
      // The focus of a graph moves here when the key t replaces it.
      tabIndex={-1}
      aria-label={`Query ${number}`}
      onFocusIn={props.onFocus}
      aria-busy={isResult && data.isLoading && expression !== ""}
    >
      <div class="query-head">
        <ExpressionField
          label={`Expression ${number}`}
          value={draft}
          completion={props.completion}
          findHelp={props.findHelp}
          mark={mark}
          problem={problem?.replace(PREFIX, "")}
          isFinal={isRun}
          onInput={props.onDraft}
          onRun={props.onRun}
          onEditor={(created) => {
            editor.current = created;
            props.onEditor(created);
          }}
        />
        {props.onRemove !== undefined && (
          <Button look="quiet" small aria-label={`Remove query ${number}`} onClick={props.onRemove}>
            <CrossIcon />
          </Button>
        )}
      </div>
      {view === "explain" && draft.trim() !== "" && (
        <ExplainView expression={draft} metadata={metadata} onSelect={select} />
      )}
      {view === "tree" && expression !== "" && context !== undefined && (
        <QueryTree
          expression={data.queries[0]?.expr ?? expression}
          client={client}
          source={props.source}
          timeMs={context.range.to}
          metadata={metadata}
          onSelect={select}
        />
      )}
      {isResult && isCurrent && data.problem === undefined && (
        <>
          <p class="query-facts muted" role="status">
            {isGraph
              ? `${count} series${step === undefined ? "" : `, a point every ${formatInterval(step)}`}`
              : formatPlural(count, "result")}
          </p>
          <div class={`query-result is-${isGraph ? "graph" : "table"}`}>
            <Result
              panel={drawn}
              frames={frames}
              range={data.range}
              palette={palette}
              width={size.width}
              height={size.height}
              syncKey="explore"
              onZoom={props.onZoom}
              client={client}
            />
          </div>
        </>
      )}
    </section>
  );
}

/** A panel that draws an expression. Tables show values in full. */
function toPanel(expr: string, view: View) {
  const isTable = view !== "graph";
  const { panels } = parseDashboard({
    panels: [
      {
        id: 1,
        type: isTable ? "table" : "timeseries",
        title: expr,
        targets: [
          {
            refId: "A",
            expr,
            legendFormat: "",
            instant: isTable,
            range: !isTable,
            format: isTable ? "table" : "",
          },
        ],
        fieldConfig: {
          defaults: {
            unit: isTable ? "string" : "none",
            noValue: "No series: the result is empty",
            custom: { lineWidth: 1.5, fillOpacity: 4 },
          },
        },
        options: {
          legend: { displayMode: "list", calcs: [] },
          tooltip: { mode: "multi", sort: "desc" },
        },
        transformations: isTable
          ? [{ id: "organize", options: { excludeByName: { Time: true } } }]
          : [],
      },
    ],
  });
  return panels[0]!;
}
