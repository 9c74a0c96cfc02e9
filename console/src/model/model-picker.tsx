import { navigate } from "../shell/location.ts";
import type { ReadyVersion } from "./manifest.ts";
import "./model-picker.css";

interface Props {
  readonly ready: readonly ReadyVersion[];
  readonly value: ReadyVersion;
  /** Returns the fragment of a model: its name, and its version unless it serves. */
  readonly toPlace: (path: readonly string[]) => string;
}

/** Selects a model version. */
export function ModelPicker({ ready, value, toPlace }: Props) {
  return (
    <label class="model-picker">
      <span>Model</span>
      <select
        value={toId(value)}
        onChange={(event) => {
          const next = ready.find((each) => toId(each) === event.currentTarget.value);
          if (next === undefined) return;
          navigate(toPlace(next.isServing ? [next.name] : [next.name, String(next.version)]));
        }}
      >
        {ready.map((each) => (
          <option key={toId(each)} value={toId(each)}>
            {each.name} version {each.version}
            {each.isServing ? "" : ", not serving"}
          </option>
        ))}
      </select>
    </label>
  );
}

function toId({ name, version }: ReadyVersion): string {
  return `${name}/${version}`;
}
