import { useEffect, useRef, useState } from "preact/hooks";
import type { LogLine } from "../../../src/load/contract/log-line.ts";
import { CheckField } from "../components/field.tsx";
import { Empty } from "../components/empty.tsx";
import { Segments } from "../components/segments.tsx";
import { formatTime } from "../lib/format.ts";

type Level = LogLine["level"];

const LEVELS: readonly (readonly [Level, string])[] = [
  ["info", "All"],
  ["warn", "Warnings"],
  ["error", "Errors"],
];
const RANKS: Readonly<Record<Level, number>> = { info: 0, warn: 1, error: 2 };

interface Props {
  readonly logs: readonly LogLine[];
  readonly isPast: boolean;
}

/** Log lines of the script and the generators, newest at the bottom. */
export function LogsTab({ logs, isPast }: Props) {
  const [level, setLevel] = useState<Level>("info");
  const [follows, setFollows] = useState(true);
  const list = useRef<HTMLDivElement>(null);
  const shown = logs.filter((line) => RANKS[line.level] >= RANKS[level]);
  const count = shown.length;
  const newest = shown.at(-1);

  useEffect(() => {
    if (follows && list.current !== null) list.current.scrollTop = list.current.scrollHeight;
  }, [follows, count, newest]);

  return (
    <div class="stack-small">
      <div class="section-head">
        <Segments label="Log level" options={LEVELS} value={level} onChange={setLevel} />
        <CheckField label="Follow new lines" checked={follows} onChange={setFollows} />
      </div>
      {isPast && (
        <p class="field-hint">Log lines since the load tester started. A past run stores none.</p>
      )}
      {count === 0 ? (
        <Empty title={logs.length === 0 ? "No log lines yet" : "No log lines of this level"} />
      ) : (
        <div
          ref={list}
          class="logs mono"
          role="log"
          aria-live="off"
          aria-label="Logs"
          tabIndex={0}
          onScroll={(event) => {
            const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
            const isAtEnd = scrollHeight - scrollTop - clientHeight < 24;
            if (isAtEnd !== follows) setFollows(isAtEnd);
          }}
        >
          {shown.map((line, index) => (
            <p key={index} class={`log is-${line.level}`}>
              <time>{formatTime(line.time_ms)}</time>
              <span class="log-level">{line.level}</span>
              <span class="log-who">
                {line.generator === null ? "load test" : `generator ${line.generator}`}
              </span>
              <span class="log-text">{line.message}</span>
            </p>
          ))}
        </div>
      )}
    </div>
  );
}
