import { Table } from "../components/table.tsx";
import { formatDateTime, formatShare, NO_VALUE } from "../lib/format.ts";
import type { Feature, Manifest, VersionStatus } from "./manifest.ts";

const MAX_VALUES = 6;

interface Props {
  readonly manifest: Manifest;
  readonly status: VersionStatus | undefined;
}

/** The origin of a version: tool, data, engine, golden check, files. */
export function FactsCard({ manifest, status }: Props) {
  const { provenance, guard } = manifest;
  const facts: readonly (readonly [string, string])[] = [
    ["Created", `${formatDateTime(Date.parse(provenance.created))} by ${provenance.tool}`],
    ["Training data", provenance.data ?? "not recorded"],
    ["SHA-256 of the data", provenance.data_sha256 ?? "not recorded"],
    [
      "Engine",
      manifest.engine === "onnxruntime"
        ? "onnxruntime, in a process of its own, for the graph in model.onnx"
        : "Tepal's own, for the graph in model.onnx",
    ],
    [
      "Golden check",
      status?.state === "READY"
        ? `passed when the version was loaded, ${formatDateTime(Date.parse(status.loaded_at ?? ""))}`
        : (status?.reason ?? NO_VALUE),
    ],
    [
      "Trust check",
      guard === null
        ? describeNoGuard(manifest)
        : `${guard.method}, calibrated with ${guard.calibration_rows} rows, compares with ${guard.reference_rows} ${guard.method === "knn" ? "training rows" : "class means"}`,
    ],
    ...Object.entries(provenance.options).map(([name, value]): [string, string] => [
      `Option ${name}`,
      String(value),
    ]),
  ];
  const files = Object.entries(manifest.files);
  return (
    <section class="model-card" aria-labelledby="facts-title">
      <h2 id="facts-title">Origin and files</h2>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <dl class="facts">
        {files.map(([name, digest]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{digest}</code>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function describeNoGuard({ provenance }: Manifest): string {
  return provenance.data_sha256 === null
    ? "none: import the model with --data FILE"
    : "none: only ranges and unknown categories are checked";
}

function toUnknown(type: string): string {
  return type === "category" || type === "boolean" ? NO_VALUE : "unknown";
}

/** Lists the most frequent categories with their shares. */
function listValues({ type, categories }: Feature): string {
  if (categories === undefined) return type === "boolean" ? "true, false" : NO_VALUE;
  const shown = categories
    .toSorted((a, b) => (b.share ?? 0) - (a.share ?? 0))
    .slice(0, MAX_VALUES)
    .map(({ value, share }) => (share === null ? `${value}` : `${value} ${formatShare(share)}`));
  const others = categories.length - shown.length;
  return others > 0 ? `${shown.join(", ")} and ${others} more` : shown.join(", ");
}

/** The features with their training ranges and categories. */
export function FeaturesCard({ manifest: { features } }: { readonly manifest: Manifest }) {
  return (
    <section class="model-card" aria-labelledby="features-title">
      <h2 id="features-title">Features</h2>
      <Table
        caption="Features of the model"
        columns={[
          { id: "name", label: "Feature", key: ({ name }) => name, cell: ({ name }) => name },
          {
            id: "type",
            label: "Type",
            cell: ({ type, nullable }) => (nullable ? `${type}, may be missing` : type),
          },
          {
            id: "min",
            label: "Smallest",
            cell: ({ type, min }) => min ?? toUnknown(type),
            align: "end",
          },
          {
            id: "max",
            label: "Largest",
            cell: ({ type, max }) => max ?? toUnknown(type),
            align: "end",
          },
          { id: "values", label: "Values", cell: listValues },
          { id: "unit", label: "Unit", cell: ({ unit }) => unit ?? NO_VALUE },
        ]}
        rows={features}
        rowKey={({ name }) => name}
      />
    </section>
  );
}
