import type { ProfileKind } from "../profile-text.ts";
import { PROFILE_NAMES } from "../profile-text.ts";

/** [kind, what it is for, its load over time as a path in 48 × 20] */
const CLOSED: readonly (readonly [ProfileKind, string, string])[] = [
  ["users", "Users start one after another and stay", "M2 18 14 5H46"],
  ["baseline", "All of them for one stage: figures to compare with", "M2 18V9H40V18"],
  [
    "gradual",
    "A fifth of them more each stage: when does it get slow?",
    "M2 18V15H11V12H20V9H29V6H38V3H46V18",
  ],
  ["stress", "A tenth, all for three stages, a tenth again", "M2 16H11L13 4H35L37 16H46"],
  ["recovery", "A fifth, all, a fifth: how soon is it fast again?", "M2 15H13L15 4H23L25 15H46"],
];
const CUSTOM = ["custom", "As the script says", "M2 16C10 2 16 2 22 11S36 17 46 4"] as const;
const OPEN: readonly (readonly [ProfileKind, string, string])[] = [
  ["constant_rate", "So many a second, however slow the server is", "M2 8H46"],
  ["ramping_rate", "From one rate to another, then on at that", "M2 16 32 5H46"],
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
        class="cover-input"
        checked={value === kind}
        onChange={() => onChange(value)}
      />
      <svg viewBox="0 0 48 20" aria-hidden="true">
        <path d={path} />
      </svg>
      <span>
        <span class="profile-name">{PROFILE_NAMES[value]}</span>
        <span class="field-hint">{text}</span>
      </span>
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
