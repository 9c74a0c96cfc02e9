import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { PageProps } from "../shell/page-props.ts";
import type { Progress } from "./parse-progress.ts";
import { useProgress } from "./progress.ts";

type Panel = ComponentType<PageProps & { readonly progress: Progress }>;

/** Shows the panel of a tour that is in progress. Its code is loaded with the first one. */
export function TourDock(props: PageProps) {
  const progress = useProgress();
  const [loaded, setLoaded] = useState<{ readonly Panel: Panel }>();
  const isNeeded = progress !== undefined;
  useEffect(() => {
    if (!isNeeded) return;
    // Without its code there is no tour; the page Learn reports what failed.
    void import("./tour-panel.tsx").then(
      ({ TourPanel }) => setLoaded({ Panel: TourPanel }),
      () => {},
    );
  }, [isNeeded]);
  if (progress === undefined || loaded === undefined) return null;
  return <loaded.Panel {...props} progress={progress} />;
}
