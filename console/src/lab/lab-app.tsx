import { useEffect, useMemo } from "preact/hooks";
import { Mark } from "../components/icons.tsx";
import { SkipLink } from "../components/skip-link.tsx";
import { ThemeSwitch } from "../components/theme-switch.tsx";
import { DashboardsPage } from "../dashboards/dashboards-page.tsx";
import { ExplorePage } from "../explore/explore-page.tsx";
import type { Api } from "../lib/api.ts";
import { formatDateTime, formatTime } from "../lib/format.ts";
import { createClient } from "../prometheus/client.ts";
import { changeParameters, toFragment, usePlace, type Place } from "../shell/location.ts";
import type { PageProps } from "../shell/page-props.ts";
import type { ServerState } from "../shell/server-state.ts";
import type { Verdict } from "./check-answer.ts";
import type { Exercise } from "../../lab/exercise.ts";
import { ExercisesPage } from "./exercises-page.tsx";
import type { Recording } from "../../lab/recording.ts";
import "./lab.css";

const PAGES = [
  { id: "exercises", title: "Exercises" },
  { id: "explore", title: "Explore" },
  { id: "dashboards", title: "Dashboards" },
] as const;
type LabPage = (typeof PAGES)[number];

interface Props {
  readonly api: Api;
  readonly recording: Recording;
  readonly exercises: readonly Exercise[];
  readonly check: (exercise: Exercise, answer: string) => Verdict;
}

/** The lab: pages of the console over a recording, in place of a server. */
export function LabApp({ api, recording, exercises, check }: Props) {
  const asked = usePlace();
  const place = useMemo(() => showRecording(asked, recording), [asked, recording]);
  const client = useMemo(() => createClient(api), [api]);
  const [id] = place.path;
  const page = PAGES.find((each) => each.id === id) ?? PAGES[0];
  const { startMs, endMs } = recording;
  const server = useMemo((): ServerState => toServerState(endMs), [endMs]);
  useEffect(() => {
    document.title = `${page.title} · Tepal lab`;
    scrollTo(0, 0);
  }, [page]);
  return (
    <>
      <SkipLink />
      <header class="top-bar">
        <div class="top-bar-inner lab-bar">
          <a class="brand" href="#/">
            <Mark />
            <span>
              Tepal <span class="brand-part">lab</span>
            </span>
          </a>
          <nav class="pages" aria-label="Pages">
            {PAGES.map((each) => (
              <a
                key={each.id}
                class="page-link"
                href={toFragment([each.id])}
                {...(each.id === page.id && { "aria-current": "page" as const })}
              >
                {each.title}
              </a>
            ))}
          </nav>
          <div class="top-bar-actions">
            <span class="lab-time muted">
              Recorded {formatDateTime(startMs)} – {formatTime(endMs)}
            </span>
            <ThemeSwitch />
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1} class="page">
        {page.id === "exercises" ? (
          <ExercisesPage {...{ place, client, exercises, recording, check }} />
        ) : (
          <ConsolePage id={page.id} {...{ place, client, api, server }} />
        )}
      </main>
    </>
  );
}

interface ConsoleProps extends PageProps {
  readonly id: Exclude<LabPage["id"], "exercises">;
}

function ConsolePage({ id, ...props }: ConsoleProps) {
  return id === "explore" ? <ExplorePage {...props} /> : <DashboardsPage {...props} />;
}

/** Gives Explore the range of the recording, unless its URL has another one. */
function showRecording(place: Place, { startMs, endMs }: Recording): Place {
  const { path, parameters } = place;
  if (path[0] !== "explore" || parameters.has("from")) return place;
  const minutes = Math.round((endMs - startMs) / 60_000);
  const range = { from: [`now-${minutes}m`], to: ["now"] };
  return { path, parameters: changeParameters(parameters, range) };
}

function toServerState(now: number): ServerState {
  return {
    state: "ready",
    now,
    monitor: "ready",
    key_required: false,
    role: null,
    allows: ["metrics"],
    version: null,
    model: null,
  };
}
