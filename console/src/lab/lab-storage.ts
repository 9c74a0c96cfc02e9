import { asObject, asText, asTexts } from "../grafana/json.ts";

/** The progress of a learner, which the browser remembers. */
export interface LabProgress {
  /** Ids of solved exercises. */
  readonly solved: readonly string[];
  /** The last query of each exercise, by its id. */
  readonly drafts: Readonly<Record<string, string>>;
}

const KEY = "tepal-lab";

export function readProgress(): LabProgress {
  try {
    return parseLabProgress(localStorage.getItem(KEY));
  } catch {
    // Without storage, progress lasts until the page is reloaded.
    return parseLabProgress(null);
  }
}

export function storeProgress(progress: LabProgress): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(progress));
  } catch {
    // See above.
  }
}

/** Parses what the browser remembers, and ignores what it does not know. */
export function parseLabProgress(text: string | null): LabProgress {
  let json: unknown;
  try {
    json = JSON.parse(text ?? "{}");
  } catch {
    json = {};
  }
  const { solved, drafts } = asObject(json);
  const entries = Object.entries(asObject(drafts)).map(([id, draft]) => [id, asText(draft)]);
  return { solved: asTexts(solved), drafts: Object.fromEntries(entries) };
}
