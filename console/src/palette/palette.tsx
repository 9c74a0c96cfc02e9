import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { Dialog } from "../components/dialog.tsx";
import { SearchIcon } from "../components/icons.tsx";
import type { OverlayProps } from "../shell/overlays.tsx";
import { findEntries, type Entry, type Matches } from "./rank.ts";
import { FIXED_ENTRIES, SOURCES } from "./sources.ts";
import "./palette.css";

/** A field that finds pages, dashboards, panels, metrics, features, pages of the course and documents, and a list of what it found. */
export function Palette({ client, api, onClose }: OverlayProps) {
  const [query, setQuery] = useState("");
  const [selected, setSelected] = useState(0);
  const { entries, missing, isLoading } = useEntries({ client, api });
  const matches = useMemo(() => findEntries(entries, query), [entries, query]);
  const flat = useMemo(() => matches.flatMap((each) => each.entries), [matches]);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const current = Math.min(selected, flat.length - 1);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [current, matches]);

  function go(entry: Entry | undefined): void {
    if (entry === undefined) return;
    onClose();
    location.href = entry.href;
  }

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setSelected(toPosition(current, step, flat.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(flat[current]);
    }
  }

  return (
    <Dialog title="Search" size="wide" onClose={onClose}>
      <div class="palette-field">
        <SearchIcon />
        <input
          type="text"
          role="combobox"
          class="palette-input"
          aria-label="Search"
          aria-expanded="true"
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={current < 0 ? undefined : `${id}-${current}`}
          placeholder="Pages, panels, metrics, features, course, docs"
          autocomplete="off"
          spellcheck={false}
          autofocus
          value={query}
          onInput={({ currentTarget }) => {
            setQuery(currentTarget.value);
            setSelected(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div
        ref={list}
        id={id}
        role="listbox"
        // Browsers let Tab reach what scrolls; arrow keys in the field move over the entries.
        tabIndex={-1}
        aria-label="Results"
        class="palette-list"
      >
        {matches.map((group) => (
          <GroupView
            key={group.group}
            id={id}
            matches={group}
            offset={flat.indexOf(group.entries[0]!)}
            current={current}
            onPoint={setSelected}
            onChoose={go}
          />
        ))}
      </div>
      <p class="palette-status muted" role="status">
        {flat.length === 0 && !isLoading && `Nothing has “${query.trim()}”.`}
        {isLoading && "Loading panels, metrics and features…"}
        {!isLoading && missing.length > 0 && ` Not searched: ${missing.join(", ")}.`}
      </p>
    </Dialog>
  );
}

/** Moves around the ends by single steps, and stops there by pages. */
function toPosition(current: number, step: number, count: number): number {
  if (Math.abs(step) === 1) return (current + step + count) % Math.max(1, count);
  return Math.max(0, Math.min(count - 1, current + step));
}

interface GroupProps {
  readonly id: string;
  readonly matches: Matches;
  /** Position of the first entry in the whole list. */
  readonly offset: number;
  readonly current: number;
  readonly onPoint: (position: number) => void;
  readonly onChoose: (entry: Entry) => void;
}

function GroupView({ id, matches, offset, current, onPoint, onChoose }: GroupProps) {
  const heading = `${id}-${matches.group}`;
  return (
    <div role="group" aria-labelledby={heading} class="palette-group">
      <div id={heading} class="palette-heading">
        {matches.group}
        {matches.more > 0 && <span class="muted"> and {matches.more} more</span>}
      </div>
      {matches.entries.map((entry, index) => {
        const position = offset + index;
        return (
          <div
            key={`${entry.href} ${entry.title}`}
            id={`${id}-${position}`}
            role="option"
            aria-selected={position === current}
            class="palette-option"
            onPointerMove={() => onPoint(position)}
            onClick={() => onChoose(entry)}
          >
            <span class="palette-title">{entry.title}</span>
            <span class="palette-detail">{entry.detail}</span>
          </div>
        );
      })}
    </div>
  );
}

interface Found {
  readonly entries: readonly Entry[];
  /** Sources that could not be read. */
  readonly missing: readonly string[];
  readonly isLoading: boolean;
}

/** Reads the sources when the search opens; entries appear as they arrive. */
function useEntries(server: Pick<OverlayProps, "client" | "api">): Found {
  const [found, setFound] = useState<Found>({
    entries: FIXED_ENTRIES,
    missing: [],
    isLoading: true,
  });
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const tasks = SOURCES.map(([what, load]) =>
      load(server, signal).then(
        (entries) =>
          !signal.aborted &&
          setFound((before) => ({ ...before, entries: [...before.entries, ...entries] })),
        () =>
          !signal.aborted &&
          setFound((before) => ({ ...before, missing: [...before.missing, what] })),
      ),
    );
    void Promise.all(tasks).then(
      () => !signal.aborted && setFound((before) => ({ ...before, isLoading: false })),
    );
    return () => controller.abort();
  }, [server.client, server.api]);
  return found;
}
