import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Empty } from "../components/empty.tsx";
import { CheckField } from "../components/field.tsx";
import { Notice } from "../components/notice.tsx";
import type { Api } from "../lib/api.ts";
import { formatPlural } from "../lib/format.ts";
import type { Manifest } from "../model/manifest.ts";
import { changeParameters, navigate, toFragment, type Place } from "../shell/location.ts";
import { hasKey } from "../shell/session.ts";
import { useReply } from "../shell/use-reply.ts";
import { FeatureField } from "./feature-field.tsx";
import { NearestCard } from "./nearest-card.tsx";
import { PositionCard } from "./position-card.tsx";
import { listFieldWarnings, type ReferenceReply } from "./reply.ts";
import { ReplyView } from "./reply-view.tsx";
import { readRow, toParameters, toRow, toTexts, type Row, type RowTexts } from "./row.ts";
import { SnippetCard } from "./snippet-card.tsx";
import { usePrediction } from "./use-prediction.ts";

interface Props {
  readonly place: Place;
  readonly api: Api;
  /** Path of the model version, for example models/iris. */
  readonly path: string;
  readonly manifest: Manifest;
  /** A typical row. */
  readonly example: Row;
}

/** Values count as settled after this time without a change. */
const SETTLED_MS = 300;

/** One row: a form, its prediction, and where it lies among training rows. */
export function RowView({ place, api, path, manifest, example }: Props) {
  const { features } = manifest;
  const fromPlace = readRow(place.parameters, features);
  const [texts, setTexts] = useState<RowTexts>({ ...toTexts(example), ...fromPlace });
  const [isLive, setLive] = useState(true);
  const prediction = usePrediction(api, path, features);
  const reference = useReply(
    (signal) => api.json<ReferenceReply>(`${path}/reference`, { signal }),
    [api, path],
  );
  const row = toRow(features, texts);
  const hasPredicted = prediction.sent > 0;

  // The URL follows the row, and the row follows the URL: back, forward, and a pasted link.
  const written = useRef(place.parameters.toString());
  useEffect(() => {
    const found = place.parameters.toString();
    if (found === written.current) return;
    written.current = found;
    setTexts({ ...toTexts(example), ...readRow(place.parameters, features) });
  }, [place.parameters]);

  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    const timer = setTimeout(() => {
      const parameters = changeParameters(place.parameters, toParameters(features, texts));
      written.current = parameters.toString();
      navigate(toFragment(place.path, parameters), true);
      if (isLive && hasPredicted) prediction.predict(row);
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [texts]);

  return (
    <div class="try-grid">
      <form
        class="try-card try-form"
        aria-labelledby="row-title"
        onSubmit={(event) => {
          event.preventDefault();
          prediction.predict(row);
        }}
      >
        <div class="try-card-head">
          <h2 id="row-title">Row</h2>
          <Button small look="quiet" onClick={() => setTexts(toTexts(example))}>
            Typical row
          </Button>
        </div>
        <div class="features">
          {features.map((feature) => (
            <FeatureField
              key={feature.name}
              feature={feature}
              text={texts[feature.name] ?? ""}
              problem={prediction.problems.fields[feature.name]}
              warnings={listFieldWarnings(prediction.reply, feature.name)}
              onInput={(text) => setTexts((before) => ({ ...before, [feature.name]: text }))}
            />
          ))}
        </div>
        <div class="try-actions">
          <Button type="submit" look="primary" busy={prediction.isBusy && !hasPredicted}>
            Predict
          </Button>
          <CheckField label="Predict changes, too" checked={isLive} onChange={setLive} />
        </div>
        <p class="field-hint">
          Predictions count in the server's metrics, like those of other clients.
          {hasPredicted && ` This page has sent ${formatPlural(prediction.sent, "prediction")}.`}
        </p>
      </form>

      <div class="try-column">
        <section class="try-card" aria-labelledby="reply-title" aria-busy={prediction.isBusy}>
          <h2 id="reply-title">Prediction</h2>
          <div class="reply" aria-live="polite">
            {prediction.problem !== undefined && (
              <Notice tone="bad" title="The server rejected the row">
                {prediction.problem}{" "}
                {prediction.problems.others.length > 0 && prediction.problems.others.join(" ")}
              </Notice>
            )}
            {prediction.reply !== undefined && (
              <ReplyView
                reply={prediction.reply}
                manifest={manifest}
                reference={reference.data?.rows ?? []}
              />
            )}
            {prediction.reply === undefined && prediction.problem === undefined && (
              <Empty title="No prediction yet">
                Press Predict: the form has a typical row of the training data.
              </Empty>
            )}
          </div>
        </section>
        <PositionCard
          manifest={manifest}
          reference={reference.data}
          problem={reference.problem}
          own={features.map(({ name }) => {
            const value = row[name];
            return typeof value === "number" ? value : null;
          })}
        />
        <NearestCard
          manifest={manifest}
          nearest={prediction.nearest}
          problem={prediction.nearestProblem}
        />
        <SnippetCard
          url={new URL(`../${path}/predict`, location.href).href}
          row={row}
          needsKey={hasKey()}
        />
      </div>
    </div>
  );
}
