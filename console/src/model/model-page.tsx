import { useState } from "preact/hooks";
import { Empty, Loading } from "../components/empty.tsx";
import { Notice } from "../components/notice.tsx";
import { toFragment } from "../shell/location.ts";
import type { PageProps } from "../shell/page-props.ts";
import { useReply } from "../shell/use-reply.ts";
import { FactsCard, FeaturesCard } from "./facts-card.tsx";
import { LiveCard } from "./live-card.tsx";
import { findVersion, listReady, toModelPath, type Manifest, type ModelList } from "./manifest.ts";
import { ModelPicker } from "./model-picker.tsx";
import { ReportCard } from "./report-card.tsx";
import { VersionsCard } from "./versions-card.tsx";
import "./model.css";

/** A model version: report, live distributions, files; and all versions: `#/model/NAME/VERSION`. */
export function ModelPage({ place, api, client }: PageProps) {
  const [round, setRound] = useState(0);
  const list = useReply((signal) => api.json<ModelList>("models", { signal }), [api, round]);
  const ready = list.data === undefined ? undefined : listReady(list.data);
  const version = ready === undefined ? undefined : findVersion(ready, place.path.slice(1));
  const path = version === undefined ? undefined : toModelPath(version);
  const manifest = useReply(
    async (signal) => (path === undefined ? undefined : api.json<Manifest>(path, { signal })),
    [api, path, round],
  );
  const problem = list.problem ?? manifest.problem;
  const shown = manifest.data;
  const status = list.data?.models
    .find(({ name }) => name === shown?.name)
    ?.versions.find((each) => each.version === shown?.version);

  return (
    <>
      <div class="page-head">
        <div class="page-titles">
          <h1>Model</h1>
          {shown !== undefined && (
            <p class="muted">
              {shown.name} version {shown.version}, {shown.task} of {shown.targets.join(", ")}
            </p>
          )}
        </div>
        {ready !== undefined && version !== undefined && (
          <div class="page-controls">
            <ModelPicker
              ready={ready}
              value={version}
              toPlace={(next) => toFragment(["model", ...next])}
            />
          </div>
        )}
      </div>
      {problem !== undefined && (
        <Notice tone="bad" title="The model cannot be loaded" live>
          {problem}
        </Notice>
      )}
      {problem === undefined && list.data === undefined && <Loading what="Loading models…" />}
      <div class="model-grid">
        {ready !== undefined && version === undefined && (
          <div class="is-wide">
            <Empty title={ready.length === 0 ? "No model is ready" : "There is no such model"}>
              {ready.length === 0
                ? "The table below has the reasons."
                : "The server has no ready version of that name and number."}
            </Empty>
          </div>
        )}
        {shown !== undefined && version !== undefined && (
          <>
            <ReportCard manifest={shown} />
            <LiveCard key={`${shown.name} ${shown.version}`} client={client} manifest={shown} />
            <FeaturesCard manifest={shown} />
            <FactsCard manifest={shown} status={status} />
          </>
        )}
        {list.data !== undefined && (
          <VersionsCard
            api={api}
            models={list.data.models}
            onReload={() => setRound((value) => value + 1)}
          />
        )}
      </div>
    </>
  );
}
