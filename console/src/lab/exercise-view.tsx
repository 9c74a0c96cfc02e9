import { useEffect, useMemo, useState } from "preact/hooks";
import { Button, buttonClass } from "../components/button.tsx";
import { Notice } from "../components/notice.tsx";
import { Segments } from "../components/segments.tsx";
import { createCompletionClient } from "../explore/editor/completion-client.ts";
import { VIEWS, toExploreFragment, type View } from "../explore/explore-place.ts";
import type { Metadata } from "../explore/metadata.ts";
import { QueryView } from "../explore/query-view.tsx";
import { readSource } from "../explore/source.ts";
import { createWordHelp } from "../explore/word-help.ts";
import type { QueryContext } from "../grafana/panel-query.ts";
import { CourseHtml } from "../learn/course-html.tsx";
import { usePalette } from "../lib/use-palette.ts";
import type { Client } from "../prometheus/client.ts";
import { toFragment } from "../shell/location.ts";
import { useReply } from "../shell/use-reply.ts";
import type { Verdict } from "./check-answer.ts";
import type { Exercise } from "../../lab/exercise.ts";
import type { Recording } from "../../lab/recording.ts";
import "../explore/explore.css";
import "../learn/learn.css";
import "../panels/panels.css";

interface Props {
  readonly exercise: Exercise;
  /** Undefined after the last. */
  readonly next: Exercise | undefined;
  /** The query that was checked last. */
  readonly draft: string;
  readonly recording: Recording;
  readonly client: Client;
  readonly onAnswer: (query: string) => Verdict;
}

const NO_METADATA: Metadata = {};

/** A question, a query with its result, and the verdict. */
export function ExerciseView({
  exercise,
  next,
  draft: stored,
  recording,
  client,
  onAnswer,
}: Props) {
  const [draft, setDraft] = useState(stored);
  const [expression, setExpression] = useState("");
  const [verdict, setVerdict] = useState<Verdict>();
  const [view, setView] = useState<View>("graph");
  const palette = usePalette();
  const { data: metadata = NO_METADATA } = useReply(
    (signal) => client.data<Metadata>("metadata", {}, signal),
    [client],
  );
  const { data: source } = useReply((signal) => readSource(client, signal), [client]);
  const completion = useMemo(() => createCompletionClient(client), [client]);
  useEffect(() => () => completion.destroy?.(), [completion]);
  const findHelp = useMemo(() => createWordHelp(metadata), [metadata]);
  const context = useMemo(() => toContext(recording), [recording]);

  function run(): void {
    const query = draft.trim();
    if (query === "") return;
    setExpression(draft);
    setVerdict(onAnswer(query));
  }

  return (
    <article class="exercise">
      <div class="page-head">
        <h1>
          {exercise.number}. {exercise.title}
        </h1>
        <Segments label="View" options={VIEWS} value={view} onChange={setView} />
      </div>
      <CourseHtml html={exercise.question} />
      <QueryView
        number={1}
        expression={expression}
        draft={draft}
        view={view}
        onEditor={() => {}}
        onFocus={() => {}}
        onDraft={(changed) => {
          setDraft(changed);
          setVerdict(undefined);
        }}
        onRun={run}
        onRemove={undefined}
        onZoom={() => {}}
        {...{ context, client, palette, completion, findHelp, metadata, source }}
      />
      <div class="exercise-actions">
        <Button look="primary" onClick={run}>
          Check
        </Button>
        <a class={buttonClass("plain")} href={toExploreFragment([draft], toRange(recording))}>
          Open in Explore
        </a>
      </div>
      <div role="status">
        {verdict !== undefined && <VerdictNotice verdict={verdict} next={next} />}
      </div>
      <details class="exercise-answer">
        <summary>Answer</summary>
        <CourseHtml html={exercise.answer} />
      </details>
    </article>
  );
}

function VerdictNotice({ verdict, next }: { verdict: Verdict; next: Exercise | undefined }) {
  if (verdict.kind !== "correct") {
    return (
      <Notice tone="warn" title="Not yet">
        {verdict.message}
      </Notice>
    );
  }
  return (
    <Notice
      tone="good"
      title="Correct"
      action={
        next !== undefined && (
          <a class={buttonClass("plain", true)} href={toFragment(["exercises", next.id])}>
            Next: {next.title}
          </a>
        )
      }
    >
      The result is that of the expected query, at every step of the recording.
    </Notice>
  );
}

function toContext({ startMs, endMs, intervalSeconds }: Recording): QueryContext {
  return {
    range: { from: startMs, to: endMs },
    selection: new Map(),
    scrapeMs: intervalSeconds * 1_000,
    zoneMinutes: new Date(endMs).getTimezoneOffset(),
  };
}

function toRange({ startMs, endMs }: Recording): { readonly from: string; readonly to: string } {
  return { from: String(startMs), to: String(endMs) };
}
