import { useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Notice } from "../components/notice.tsx";
import type { Api } from "../lib/api.ts";
import { formatDateTime, formatPlural } from "../lib/format.ts";
import type { Receiver, TestReport } from "./alert-types.ts";
import { testReceiver, toMessage } from "./alerts-api.ts";

interface Props {
  readonly api: Api;
  readonly receivers: readonly Receiver[];
  readonly onTested: () => void;
}

/** The receivers of alerts, with a test notification for each. */
export function ReceiversList({ api, receivers, onTested }: Props) {
  return (
    <section class="alerts-section" id="receivers" aria-labelledby="receivers-title">
      <h2 id="receivers-title">Receivers</h2>
      {receivers.length === 0 ? (
        <Notice tone="warn" title="No notification is sent">
          The server has no receiver, so alerts appear only here. Start it with{" "}
          <code>--alert-webhook URL</code> or <code>--alertmanager-url URL</code>.
        </Notice>
      ) : (
        <ul class="receivers">
          {receivers.map((receiver) => (
            <ReceiverItem key={receiver.id} {...{ api, receiver, onTested }} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface ItemProps {
  readonly api: Api;
  readonly receiver: Receiver;
  readonly onTested: () => void;
}

type Test = { readonly report: TestReport } | { readonly problem: string };

function ReceiverItem({ api, receiver, onTested }: ItemProps) {
  const [test, setTest] = useState<Test>();
  const [isBusy, setBusy] = useState(false);
  const { id, origin } = receiver;

  async function send(): Promise<void> {
    setBusy(true);
    try {
      setTest({ report: await testReceiver(api, id) });
      onTested();
    } catch (error) {
      setTest({ problem: toMessage(error) });
    }
    setBusy(false);
  }

  return (
    <li class="receiver" data-id={id}>
      <div class="receiver-text">
        <p>
          <strong>{toKind(receiver)}</strong> <code>{origin}</code>
        </p>
        <p class="muted">{describeDeliveries(receiver)}</p>
      </div>
      <Button
        small
        busy={isBusy}
        onClick={() => void send()}
        aria-label={`Send a test to ${origin}`}
      >
        Send a test
      </Button>
      {test !== undefined && <TestResult test={test} />}
    </li>
  );
}

function TestResult({ test }: { readonly test: Test }) {
  if ("problem" in test) {
    return (
      <Notice tone="bad" title="The test was not sent" live>
        {test.problem}
      </Notice>
    );
  }
  const { accepted, status, error, reply } = test.report;
  return (
    <Notice
      tone={accepted ? "good" : "bad"}
      title={
        accepted
          ? `The receiver accepted the test (status ${status})`
          : "The receiver did not accept the test"
      }
      live
    >
      {error !== null && <p>{error}</p>}
      {reply !== "" && <pre class="receiver-reply">{reply}</pre>}
    </Notice>
  );
}

export function toKind({ kind, format }: Pick<Receiver, "kind" | "format">): string {
  if (kind === "alertmanager") return "Alertmanager";
  return format === "slack" ? "Slack webhook" : "Webhook";
}

export function describeDeliveries({
  sent,
  send_failures,
  dropped,
  last_delivery: last,
}: Receiver): string {
  const counts = [
    `${formatPlural(sent, "message")} accepted`,
    ...(send_failures > 0 ? [`${formatPlural(send_failures, "attempt")} failed`] : []),
    ...(dropped > 0 ? [`${dropped} dropped`] : []),
  ];
  const outcome =
    last === null
      ? "nothing sent yet"
      : `last ${last.error === null ? "accepted" : `failed (${last.error})`} on ${formatDateTime(Date.parse(last.time))}`;
  return `${counts.join(", ")} since the start; ${outcome}`;
}
