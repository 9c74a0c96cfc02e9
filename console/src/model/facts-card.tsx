import { Table } from "../components/table.tsx";
import { formatDateTime, NO_VALUE } from "../lib/format.ts";
import type { Manifest, VersionStatus } from "./manifest.ts";

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
    ["Engine", "Tepal's own, for the graph in model.onnx"],
    [
      "Golden check",
      status?.state === "READY"
        ? `passed when the version was loaded, ${formatDateTime(Date.parse(status.loaded_at ?? ""))}`
        : (status?.reason ?? NO_VALUE),
    ],
    [
      "Trust check",
      guard === null
        ? "none: import the model with --data FILE"
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

/** The features with their training ranges. */
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
          { id: "min", label: "Smallest", cell: ({ min }) => min ?? "unknown", align: "end" },
          { id: "max", label: "Largest", cell: ({ max }) => max ?? "unknown", align: "end" },
          { id: "unit", label: "Unit", cell: ({ unit }) => unit ?? NO_VALUE },
        ]}
        rows={features}
        rowKey={({ name }) => name}
      />
    </section>
  );
}
