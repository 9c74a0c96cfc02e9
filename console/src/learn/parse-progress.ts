/** The state of the course in this browser, for one server. It lasts until the user resets it. */
export interface Progress {
  /** Path of the page that is beside the console; null if it is closed. */
  readonly opened: string | null;
  /** Path of the page that was opened last. */
  readonly last: string | null;
  /** Id of the step that is checked now. */
  readonly step: string | null;
  /** Numbers when this step began; see `Begin`. */
  readonly before: Readonly<Record<string, number>>;
  /** Indexes of its conditions whose event has happened. */
  readonly met: readonly number[];
  /** True while a ring marks the control of this step. */
  readonly isPointing: boolean;
  /** Ids of the steps that are done. */
  readonly done: readonly string[];
  /** Paths of the pages that were read to their end. */
  readonly read: readonly string[];
}

export const NO_PROGRESS: Progress = {
  opened: null,
  last: null,
  step: null,
  before: {},
  met: [],
  isPointing: false,
  done: [],
  read: [],
};

/** Parses stored progress; no progress for none, and for what another version wrote. */
export function parseProgress(text: string | null): Progress {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "null");
  } catch {
    return NO_PROGRESS;
  }
  return isProgress(value) ? value : NO_PROGRESS;
}

function isProgress(value: unknown): value is Progress {
  if (typeof value !== "object" || value === null) return false;
  const { opened, last, step, before, met, isPointing, done, read }: Partial<Progress> = value;
  return (
    [opened, last, step].every((each) => each === null || typeof each === "string") &&
    typeof before === "object" &&
    Object.values(before).every((each) => typeof each === "number") &&
    Array.isArray(met) &&
    met.every(Number.isInteger) &&
    typeof isPointing === "boolean" &&
    [done, read].every(
      (list) => Array.isArray(list) && list.every((each) => typeof each === "string"),
    )
  );
}

/** Returns the step of a page that is checked: the one that began, else the first that is not done. */
export function findCurrent(
  { step, done }: Pick<Progress, "step" | "done">,
  steps: readonly string[],
): string | undefined {
  if (step !== null && steps.includes(step) && !done.includes(step)) return step;
  return steps.find((id) => !done.includes(id));
}

/** Begins a step. One that was done is done again. */
export function beginStep(progress: Progress, id: string | null): Progress {
  const done = progress.done.filter((each) => each !== id);
  return { ...progress, step: id, before: {}, met: [], isPointing: false, done };
}

/** Marks the current step as done, and begins the next one of its page. */
export function finishStep(progress: Progress, steps: readonly string[]): Progress {
  const { step, done } = progress;
  if (step === null || done.includes(step)) return progress;
  const finished = { ...progress, done: [...done, step] };
  const rest = [...steps.slice(steps.indexOf(step)), ...steps];
  return beginStep(finished, rest.find((id) => !finished.done.includes(id)) ?? null);
}

/** Forgets the steps of a page, and that it was read. Its first step begins. */
export function resetPage(progress: Progress, path: string, steps: readonly string[]): Progress {
  const kept = {
    ...progress,
    done: progress.done.filter((id) => !steps.includes(id)),
    read: progress.read.filter((each) => each !== path),
  };
  return beginStep(kept, steps[0] ?? null);
}
