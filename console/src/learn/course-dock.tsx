import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { PageProps } from "../shell/page-props.ts";
import type { Progress } from "./parse-progress.ts";
import { useProgress } from "./progress.ts";

type Course = ComponentType<PageProps & { readonly progress: Progress; readonly path: string }>;

/** The course beside the console while a page of it is open. Its code is loaded with the first one. */
export function CourseDock(props: PageProps) {
  const progress = useProgress();
  const [loaded, setLoaded] = useState<{ readonly Course: Course }>();
  const path = progress.opened;
  const isNeeded = path !== null;
  useEffect(() => {
    if (!isNeeded) return;
    // Without its code there is no course; the page Learn reports what failed.
    void import("./open-course.tsx").then(
      ({ OpenCourse }) => setLoaded({ Course: OpenCourse }),
      () => {},
    );
  }, [isNeeded]);
  if (path === null || loaded === undefined) return null;
  return <loaded.Course {...props} progress={progress} path={path} />;
}
