import { Notice } from "../components/notice.tsx";
import { ShareList } from "../components/share-list.tsx";
import type { Manifest } from "../model/manifest.ts";
import {
  describeVerdict,
  formatPrediction,
  listTargets,
  type ReferenceRow,
  type Reply,
} from "./reply.ts";

interface Props {
  readonly reply: Reply;
  readonly manifest: Manifest;
  readonly reference: readonly ReferenceRow[];
}

/** A prediction: the class with the probabilities of all classes, or values in the range of those of training rows; and the verdict. */
export function ReplyView({ reply, manifest, reference }: Props) {
  const verdict = describeVerdict(reply);
  const others = reply.warnings.filter(
    ({ code }) => code === "unknown_field" || code === "unchecked",
  );
  return (
    <>
      {reply.probabilities === undefined ? (
        listTargets(reply, manifest.targets).map(({ target, value }, i) => (
          <Target
            key={target}
            target={target}
            value={value}
            known={reference.map((row) => listTargets(row, manifest.targets)[i]?.value ?? null)}
          />
        ))
      ) : (
        <>
          <p class="predicted">
            <span class="predicted-name">{manifest.targets[0] ?? "Prediction"}</span>
            <strong class="predicted-value">{reply.label}</strong>
          </p>
          <Probabilities label={reply.label} probabilities={reply.probabilities} />
        </>
      )}
      <Notice tone={verdict.tone} title={verdict.title}>
        {verdict.text}
      </Notice>
      {others.map(({ code, message }) => (
        <p key={`${code} ${message}`} class="feature-warning">
          {message}
        </p>
      ))}
      <p class="reply-facts muted">
        {reply.model.name} version {reply.model.version} · request <code>{reply.id}</code>
      </p>
    </>
  );
}

/** Bars of more classes would not be read. */
const SHOWN_CLASSES = 12;

function Probabilities({
  label,
  probabilities,
}: {
  readonly label: string | undefined;
  readonly probabilities: NonNullable<Reply["probabilities"]>;
}) {
  const all = Object.entries(probabilities);
  const shown =
    all.length <= SHOWN_CLASSES
      ? all
      : all.toSorted(([, a], [, b]) => (b ?? 0) - (a ?? 0)).slice(0, SHOWN_CLASSES);
  return (
    <>
      <ShareList
        label="Probabilities"
        shares={shown.map(([name, share]) => ({ name, share }))}
        first={label}
      />
      {shown.length < all.length && (
        <p class="muted">
          {all.length - shown.length} less probable classes of {all.length} are not shown.
        </p>
      )}
    </>
  );
}

interface TargetProps {
  readonly target: string;
  readonly value: number | null;
  /** Predictions for reference rows. */
  readonly known: readonly (number | null)[];
}

/** A value on a line from the smallest to the largest prediction for training rows. */
function Target({ target, value, known }: TargetProps) {
  const numbers = known.filter((each) => each !== null).toSorted((a, b) => a - b);
  const [low, high] = [numbers[0], numbers.at(-1)];
  const hasRange = low !== undefined && high !== undefined && high > low && value !== null;
  const share = hasRange ? (value - low) / (high - low) : 0;
  return (
    <div class="target">
      <p class="predicted">
        <span class="predicted-name">{target}</span>
        <data class="predicted-value" value={String(value)}>
          {formatPrediction(value)}
        </data>
      </p>
      {hasRange && (
        <>
          <div class="strip" aria-hidden="true">
            {numbers
              .filter((_, i) => i % Math.ceil(numbers.length / 100) === 0)
              .map((each, i) => (
                <i key={i} style={{ left: `${((each - low) / (high - low)) * 100}%` }} />
              ))}
            <b style={{ left: `${Math.min(Math.max(share, 0), 1) * 100}%` }} />
          </div>
          <p class="strip-ends">
            <span>{formatPrediction(low)}</span>
            <span>
              {share < 0 || share > 1
                ? "outside the predictions for training rows"
                : "predictions for training rows"}
            </span>
            <span>{formatPrediction(high)}</span>
          </p>
        </>
      )}
    </div>
  );
}
