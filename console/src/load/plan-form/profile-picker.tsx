import type { ProfileKind } from "../profile-text.ts";
import { PROFILE_NAMES } from "../profile-text.ts";

/** [kind, what it is for, its load over time as a path in 48 × 20] */
const CLOSED: readonly (readonly [ProfileKind, string, string])[] = [
  ["users", "Users start one after another and stay", "M2 18 14 5H46"],
  ["baseline", "A few users, for figures to compare with", "M2 18 5 13H46"],
  ["gradual", "Rises in steps up to all users", "M2 18H4V14.5H15V11H26V7.5H37V4H46"],
  ["stress", "Goes on beyond what is planned for", "M2 18 8 14H16L20 9H28L32 3H46"],
  ["recovery", "Overload, then back: how soon is it fast again?", "M2 14H14L17 3H27L30 14H46"],
];
const CUSTOM = ["custom", "As the script says", "M2 16C10 2 16 2 22 11S36 17 46 4"] as const;
const OPEN: readonly (readonly [ProfileKind, string, string])[] = [
  ["constant_rate", "So many a second, however slow the server", "M2 8H46"],
  ["ramping_rate", "From one rate to another, then steady", "M2 16 32 5H46"],
];

interface Props {
  readonly kind: ProfileKind;
  readonly hasShape: boolean;
  readonly onChange: (kind: ProfileKind) => void;
  readonly problem: string | undefined;
}

/** How much load, when: one of the kinds there are, each with its shape. */
export function ProfilePicker({ kind, hasShape, onChange, problem }: Props) {
  const toCard = ([value, text, path]: readonly [ProfileKind, string, string]) => (
    <label key={value} class="profile-card">
      <input
        type="radio"
        name="profile"
        class="visually-hidden"
        checked={value === kind}
        onChange={() => onChange(value)}
      />
      <svg viewBox="0 0 48 20" aria-hidden="true">
        <path d={path} />
      </svg>
      <span class="profile-name">{PROFILE_NAMES[value]}</span>
      <span class="field-hint">{text}</span>
    </label>
  );
  return (
    <div class="profile-groups">
      <fieldset>
        <legend class="legend">
          Users <span class="muted">closed model: each waits for its reply</span>
        </legend>
        <div class="profile-cards">
          {CLOSED.map(toCard)}
          {hasShape && toCard(CUSTOM)}
        </div>
      </fieldset>
      <fieldset>
        <legend class="legend">
          Arrival rate <span class="muted">open model: the server cannot slow it down</span>
        </legend>
        <div class="profile-cards">{OPEN.map(toCard)}</div>
      </fieldset>
      {problem !== undefined && <p class="field-problem">{problem}</p>}
    </div>
  );
}
