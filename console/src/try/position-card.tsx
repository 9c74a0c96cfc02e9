import { useMemo, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Empty, Loading } from "../components/empty.tsx";
import { Table, type Column } from "../components/table.tsx";
import { formatCount } from "../lib/format.ts";
import { CHARTS, TABLE_TOGGLE } from "../lib/table-key.ts";
import type { Manifest } from "../model/manifest.ts";
import { projectPrincipal, selectFeatures } from "./project.ts";
import type { ReferenceReply, ReferenceRow } from "./reply.ts";
import { Scatter } from "./scatter.tsx";

interface Props {
  readonly manifest: Manifest;
  readonly reference: ReferenceReply | undefined;
  readonly problem: string | undefined;
  /** In feature order; null for a value that is missing or no number. */
  readonly own: readonly (number | null)[];
}

const PRINCIPAL = "principal";

/** The row among reference rows: by two features, or by principal components. */
export function PositionCard({ manifest, reference, problem, own }: Props) {
  const names = manifest.features.map(({ name }) => name);
  const [axes, setAxes] = useState<readonly [string, string]>([PRINCIPAL, names[0] ?? ""]);
  const [isTable, setTable] = useState(false);
  const rows = reference?.rows ?? [];
  const [x, y] = axes;
  const projection = useMemo(() => {
    const values = rows.map((row) => row.values);
    return x === PRINCIPAL
      ? projectPrincipal(values, own)
      : selectFeatures(values, own, [names.indexOf(x), names.indexOf(y)], names);
  }, [rows, own.join(), x, y]);

  return (
    <section class="try-card" aria-labelledby="position-title" {...CHARTS}>
      <div class="try-card-head">
        <h2 id="position-title">Among {describeRows(reference)}</h2>
        {rows.length > 0 && (
          <div class="try-card-controls">
            <Axis
              label={x === PRINCIPAL ? "Axes" : "Across"}
              value={x}
              options={[[PRINCIPAL, "Principal components"], ...names.map(toOption)]}
              onChange={(value) =>
                setAxes([value, y === value ? (names.find((n) => n !== value) ?? y) : y])
              }
            />
            {x !== PRINCIPAL && (
              <Axis
                label="Upwards"
                value={y}
                options={names.map(toOption)}
                onChange={(value) => setAxes([x, value])}
              />
            )}
            <Button
              small
              aria-pressed={isTable}
              onClick={() => setTable(!isTable)}
              {...TABLE_TOGGLE}
            >
              Table
            </Button>
          </div>
        )}
      </div>
      {problem !== undefined ? (
        <Empty title="Training rows are not shown">{problem}</Empty>
      ) : reference === undefined ? (
        <Loading what="Loading training rows…" />
      ) : rows.length === 0 ? (
        <Empty title="No reference rows to show">
          The model has categories, or it was imported without <code>--data FILE</code>.
        </Empty>
      ) : isTable ? (
        <RowsTable caption="Reference rows" rows={rows} manifest={manifest} />
      ) : (
        <Scatter
          projection={projection}
          labels={rows.map(({ label }) => label)}
          classes={manifest.classes}
        />
      )}
      {reference !== undefined && rows.length > 0 && (
        <p class="muted">
          {reference.kind === "class_means"
            ? "The trust check of this model keeps the means of the classes, and no training rows."
            : `${formatCount(rows.length)} of ${formatCount(reference.total)} training rows.`}{" "}
          {manifest.task === "classification" &&
            "Colors and shapes are the classes that the model predicts."}
        </p>
      )}
    </section>
  );
}

function describeRows(reference: ReferenceReply | undefined): string {
  return reference?.kind === "class_means" ? "class means" : "training rows";
}

function toOption(name: string): readonly [string, string] {
  return [name, name];
}

interface AxisProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
  readonly onChange: (value: string) => void;
}

function Axis({ label, value, options, onChange }: AxisProps) {
  return (
    <label class="try-select">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([id, text]) => (
          <option key={id} value={id}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

interface RowsProps<Row> {
  readonly caption: string;
  readonly rows: readonly Row[];
  readonly manifest: Manifest;
  readonly first?: readonly Column<Row>[];
}

/** Reference rows with what the model predicts for them. */
export function RowsTable<Row extends ReferenceRow>({
  caption,
  rows,
  manifest,
  first = [],
}: RowsProps<Row>) {
  const columns: readonly Column<Row>[] = [
    ...first,
    {
      id: "prediction",
      label: "Predicted",
      key: (row) => row.label ?? Number(row.prediction),
      cell: (row) => row.label ?? String(row.prediction),
    },
    ...manifest.features.map(({ name, unit }, i): Column<Row> => ({
      id: `feature ${name}`,
      label: name,
      ...(unit !== null && { unit }),
      key: (row) => row.values[i] ?? Number.NaN,
      cell: (row) => row.values[i] ?? "missing",
      align: "end",
    })),
  ];
  const keys = new Map(rows.map((row, i) => [row, String(i)]));
  return (
    <Table caption={caption} columns={columns} rows={rows} rowKey={(row) => keys.get(row) ?? ""} />
  );
}
