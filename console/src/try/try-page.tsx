import { Empty, Loading } from "../components/empty.tsx";
import { Notice } from "../components/notice.tsx";
import { Segments } from "../components/segments.tsx";
import {
  findVersion,
  listReady,
  toModelPath,
  type Manifest,
  type ModelList,
} from "../model/manifest.ts";
import { ModelPicker } from "../model/model-picker.tsx";
import { changeParameters, navigate, toFragment } from "../shell/location.ts";
import type { PageProps } from "../shell/page-props.ts";
import { useReply } from "../shell/use-reply.ts";
import { BatchView } from "./batch-view.tsx";
import { RowView } from "./row-view.tsx";
import type { Row } from "./row.ts";
import "./try.css";

const VIEWS = [
  ["row", "One row"],
  ["csv", "CSV"],
] as const;

/** Predictions by hand: `#/try/NAME/VERSION`. */
export function TryPage({ place, api }: PageProps) {
  const list = useReply((signal) => api.json<ModelList>("models", { signal }), [api]);
  const ready = list.data === undefined ? undefined : listReady(list.data);
  const version = ready === undefined ? undefined : findVersion(ready, place.path.slice(1));
  const path = version === undefined ? undefined : toModelPath(version);
  const model = useReply(
    async (signal) =>
      path === undefined
        ? undefined
        : {
            path,
            manifest: await api.json<Manifest>(path, { signal }),
            example: await api.json<Row>(`${path}/example`, { signal }),
          },
    [api, path],
  );
  const view = place.parameters.get("view") === "csv" ? "csv" : "row";
  const problem = list.problem ?? model.problem;

  return (
    <>
      <div class="page-head">
        <div class="page-titles">
          <h1>Try it</h1>
          <p class="muted">Predict a row or a file, and see how far to trust it.</p>
        </div>
        {ready !== undefined && version !== undefined && (
          <div class="page-controls">
            <Segments
              label="Input"
              options={VIEWS}
              value={view}
              onChange={(next) =>
                navigate(
                  toFragment(
                    place.path,
                    changeParameters(place.parameters, { view: next === "csv" ? ["csv"] : [] }),
                  ),
                )
              }
            />
            <ModelPicker
              ready={ready}
              value={version}
              toPlace={(next) =>
                toFragment(["try", ...next], new URLSearchParams(view === "csv" ? { view } : {}))
              }
            />
          </div>
        )}
      </div>
      {problem !== undefined && (
        <Notice tone="bad" title="The model cannot be loaded" live>
          {problem}
        </Notice>
      )}
      {problem === undefined && ready === undefined && <Loading what="Loading models…" />}
      {ready !== undefined && version === undefined && <NoModel isEmpty={ready.length === 0} />}
      {model.data !== undefined &&
        model.data.path === path &&
        (view === "csv" ? (
          <BatchView key={path} api={api} {...model.data} />
        ) : (
          <RowView key={path} api={api} place={place} {...model.data} />
        ))}
    </>
  );
}

function NoModel({ isEmpty }: { readonly isEmpty: boolean }) {
  return isEmpty ? (
    <Empty title="No model is ready" action={<a href="#/model">Reasons</a>}>
      Train one: <code>tepal train data.csv --target COLUMN</code>, then reload the models.
    </Empty>
  ) : (
    <Empty title="There is no such model" action={<a href="#/try">The default model</a>}>
      The server has no ready version of that name and number.
    </Empty>
  );
}
