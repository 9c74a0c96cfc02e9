import type { ProfileDescription } from "../../../../src/load/contract/load-document.ts";

interface Props {
  readonly kind: string;
  readonly profiles: readonly ProfileDescription[];
  readonly hasShape: boolean;
  readonly onChange: (kind: string) => void;
  readonly problem: string | undefined;
}

/** Selects a load profile, each with a drawing of its load over time. */
export function ProfilePicker({ kind, profiles, hasShape, onChange, problem }: Props) {
  const toCards = (model: ProfileDescription["model"]) => (
    <div class="profile-cards">
      {profiles
        .filter((profile) => profile.model === model && (hasShape || !profile.needs_shape))
        .map((profile) => (
          <label key={profile.kind} class="profile-card">
            <input
              type="radio"
              name="profile"
              class="cover-input"
              checked={profile.kind === kind}
              onChange={() => onChange(profile.kind)}
            />
            <svg viewBox="0 0 48 20" aria-hidden="true">
              <path d={profile.curve} />
            </svg>
            <span>
              <span class="profile-name">{profile.name}</span>
              <span class="field-hint">
                {profile.course}. {profile.purpose}.
              </span>
            </span>
          </label>
        ))}
    </div>
  );
  return (
    <div class="profile-groups">
      <fieldset>
        <legend class="legend">
          Users <span class="muted">closed model: each user waits for its replies</span>
        </legend>
        {toCards("closed")}
      </fieldset>
      <fieldset>
        <legend class="legend">
          Arrival rate <span class="muted">open model: a slow server does not slow it down</span>
        </legend>
        {toCards("open")}
      </fieldset>
      {problem !== undefined && <p class="field-problem">{problem}</p>}
    </div>
  );
}
