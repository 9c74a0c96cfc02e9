import { useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Notice } from "../components/notice.tsx";
import type { Api } from "../lib/api.ts";
import { formatDateTime } from "../lib/format.ts";
import type { Silence } from "./alert-types.ts";
import { expireSilence, toMessage } from "./alerts-api.ts";
import { formatMatcher, formatRest, groupSilences } from "./silence-form.ts";

interface Props {
  readonly api: Api;
  readonly silences: readonly Silence[];
  /** True if an Alertmanager, which has silences of its own, gets the alerts too. */
  readonly alertmanagers: readonly string[];
  readonly onCreate: () => void;
  readonly onChange: () => void;
}

/** The silences of the built-in evaluator. */
export function SilencesList({ api, silences, alertmanagers, onCreate, onChange }: Props) {
  const { open, expired } = groupSilences(silences);
  return (
    <section class="alerts-section" id="silences" aria-labelledby="silences-title">
      <div class="alerts-section-head">
        <h2 id="silences-title" tabIndex={-1}>
          Silences
        </h2>
        <Button small onClick={onCreate}>
          New silence
        </Button>
      </div>
      {alertmanagers.length > 0 && (
        <Notice tone="info">
          These silences apply to webhooks. An Alertmanager gets every alert: create its silences in{" "}
          {alertmanagers.map((url) => (
            <a key={url} href={url}>
              {url}
            </a>
          ))}
          .
        </Notice>
      )}
      {open.length === 0 && (
        <p class="muted">
          No alert is silenced. A silence stops notifications about alerts for a while, for example
          during planned work.
        </p>
      )}
      {open.length > 0 && (
        <ul class="silences">
          {open.map((silence) => (
            <SilenceItem key={silence.id} {...{ api, silence, onChange }} />
          ))}
        </ul>
      )}
      {expired.length > 0 && (
        <details class="expired">
          <summary>Expired in the last five days: {expired.length}</summary>
          <ul class="silences">
            {expired.map((silence) => (
              <SilenceItem key={silence.id} {...{ api, silence, onChange }} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

interface ItemProps {
  readonly api: Api;
  readonly silence: Silence;
  readonly onChange: () => void;
}

function SilenceItem({ api, silence, onChange }: ItemProps) {
  const [problem, setProblem] = useState<string>();
  const { id, matchers, comment, createdBy, startsAt, endsAt, status } = silence;

  async function expire(): Promise<void> {
    try {
      await expireSilence(api, id);
      // The button goes away with its row.
      document.querySelector<HTMLElement>("#silences-title")?.focus();
      onChange();
    } catch (error) {
      setProblem(toMessage(error));
    }
  }

  return (
    <li class="silence" data-id={id}>
      <div class="silence-text">
        <p class="silence-matchers">
          {matchers.map((matcher) => (
            <code key={formatMatcher(matcher)}>{formatMatcher(matcher)}</code>
          ))}
        </p>
        <p>
          {comment}
          {createdBy !== "" && <span class="muted"> ({createdBy})</span>}
        </p>
        <p class="muted">{describeTimes(status.state, startsAt, endsAt)}</p>
        {problem !== undefined && (
          <Notice tone="bad" live>
            {problem}
          </Notice>
        )}
      </div>
      {status.state !== "expired" && (
        <Button small onClick={() => void expire()}>
          Expire now
        </Button>
      )}
    </li>
  );
}

function describeTimes(state: string, startsAt: string, endsAt: string): string {
  const end = formatDateTime(Date.parse(endsAt));
  if (state === "expired") return `Expired on ${end}`;
  if (state === "pending") return `Begins in ${formatRest(startsAt, Date.now())}, until ${end}`;
  return `For ${formatRest(endsAt, Date.now())} more, until ${end}`;
}
