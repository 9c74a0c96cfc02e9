import { Empty } from "../components/empty.tsx";
import { formatNumber } from "../lib/format.ts";
import type { Manifest } from "../model/manifest.ts";
import { RowsTable } from "./position-card.tsx";
import type { NearestReply } from "./reply.ts";

interface Props {
  readonly manifest: Manifest;
  readonly nearest: NearestReply | undefined;
  readonly problem: string | undefined;
}

/** The reference rows nearest to the row. */
export function NearestCard({ manifest, nearest, problem }: Props) {
  const isMeans = nearest?.kind === "class_means";
  return (
    <section class="try-card" aria-labelledby="nearest-title">
      <h2 id="nearest-title">Nearest {isMeans ? "class means" : "training rows"}</h2>
      {problem !== undefined ? (
        <Empty title="Training rows are not shown">{problem}</Empty>
      ) : nearest === undefined ? (
        <Empty title="No prediction yet">
          A prediction shows here the training rows that are most like its row.
        </Empty>
      ) : nearest.rows.length === 0 ? (
        <Empty title="No row to compare with">
          {nearest.kind === "none"
            ? "The model has categories, or no trust check."
            : "A value is missing: distances need complete rows."}
        </Empty>
      ) : (
        <>
          <RowsTable
            caption="Nearest rows"
            rows={nearest.rows}
            manifest={manifest}
            first={[
              {
                id: "distance",
                label: "Distance",
                key: ({ distance }) => distance,
                cell: ({ distance }) => (
                  <data value={String(distance)}>{formatNumber(distance)}</data>
                ),
                align: "end",
              },
            ]}
          />
          <p class="muted">
            The distance counts in spreads of the rows of a class: it does not depend on units.
          </p>
        </>
      )}
    </section>
  );
}
