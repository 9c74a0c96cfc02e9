import { toText } from "../../grafana/display.ts";
import type { FieldConfig } from "../../grafana/field-config.ts";
import type { Line } from "../time-series/columns.ts";

/** A time in which a state holds. Milliseconds. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly colour: string;
}

/**
 * Returns the states of a line: each value holds until the next sample, the last one until the end. A missing value is a gap.
 * @param isMerged true to join neighbors that read the same
 */
export function toSegments(
  { field, times, values }: Line,
  end: number,
  isMerged: boolean,
): readonly Segment[] {
  const segments: Segment[] = [];
  const readState = createReader(field);
  times.forEach((from, index) => {
    const value = values[index] ?? null;
    if (value === null) return;
    const to = times[index + 1] ?? Math.max(end, from);
    const state = readState(value);
    const last = segments.at(-1);
    const isSame =
      isMerged && last?.to === from && last.text === state.text && last.colour === state.colour;
    if (isSame) segments[segments.length - 1] = { ...last, to };
    else segments.push({ ...state, from, to });
  });
  return segments;
}

type State = Pick<Segment, "text" | "colour">;

/** Thresholds without mappings name their ranges: what differs inside one is no other state. */
function createReader({ config, display }: Line["field"]): (value: number) => State {
  const steps = listSteps(config);
  const readValue = (value: number): State => {
    const shown = display(value);
    return { text: toText(shown), colour: shown.colour };
  };
  if (steps.length === 0) return readValue;
  return (value) => {
    const { colour } = readValue(value);
    const index = steps.findLastIndex(({ from }) => from <= value);
    const [base, next] = [steps[Math.max(index, 0)]!, steps[1]!];
    return {
      colour,
      text:
        base.from === -Infinity
          ? `< ${toText(display(next.from))}`
          : `${toText(display(base.from))}+`,
    };
  };
}

function listSteps({ colour, thresholds, mappings = [] }: FieldConfig) {
  const isByThreshold =
    colour?.mode === "thresholds" && thresholds?.mode === "absolute" && mappings.length === 0;
  const steps = isByThreshold ? thresholds.steps : [];
  return steps.length < 2 ? [] : steps;
}

/** Returns each state once, for the legend. */
export function listStates(rows: readonly (readonly Segment[])[]): readonly State[] {
  return [
    ...new Map(
      rows.flat().map(({ text, colour }) => [`${text} ${colour}`, { text, colour }]),
    ).values(),
  ];
}
