import { useMemo } from "preact/hooks";
import { prefixApi } from "../lib/api.ts";
import { toFragment } from "../shell/location.ts";
import type { PageProps } from "../shell/page-props.ts";
import { hasKey } from "../shell/session.ts";
import { LoadView } from "./load-view.tsx";
import { RunActions } from "./run-actions.tsx";
import { SurroundingsContext, type Surroundings } from "./surroundings.ts";
import { useLive } from "./use-live.ts";

/** Load tests in the console: its server forwards requests to the load page. */
export function LoadPage({ place, client, api }: PageProps) {
  const surroundings = useMemo<Surroundings>(
    () => ({
      api: prefixApi(api, "console/load/"),
      linkBase: hasKey() ? undefined : "load/",
      toHash: (...parts) => toFragment(["load", ...parts]),
      client,
    }),
    [api, client],
  );
  return (
    <SurroundingsContext.Provider value={surroundings}>
      <Views route={place.path.slice(1)} />
    </SurroundingsContext.Provider>
  );
}

function Views({ route }: { readonly route: readonly string[] }) {
  const live = useLive();
  return (
    <div class="load-test">
      {live.about !== null && (
        <div class="load-bar">
          <span class="load-bar-script mono" title="Script">
            {live.about.script.path}
          </span>
          <RunActions live={live} route={route} />
        </div>
      )}
      <LoadView live={live} route={route} />
    </div>
  );
}
