import { Button } from "../components/button.tsx";
import { CheckIcon } from "../components/icons.tsx";
import { Notice } from "../components/notice.tsx";
import { formatPlural } from "../lib/format.ts";
import type { PageProps } from "../shell/page-props.ts";
import { TOURS } from "./first-steps.ts";
import { startTour, useProgress } from "./progress.ts";
import type { Tour } from "./tour.ts";
import "./learn.css";

/** The tours, and further reading. */
export function LearnPage(_props: PageProps) {
  return (
    <div class="learn">
      <header class="page-head">
        <div class="page-titles">
          <h1>Learn</h1>
          <p class="muted">
            A tour stays beside the pages, points at what it is about, and checks each step against
            this server.
          </p>
        </div>
      </header>
      {TOURS.map((tour) => (
        <TourCard key={tour.id} tour={tour} />
      ))}
      <Notice tone="info" title="Keys">
        The panel of the tour comes after the page in the order of the Tab key. Escape in it ends
        the tour. The progress is kept in this browser.
      </Notice>
    </div>
  );
}

function TourCard({ tour }: { readonly tour: Tour }) {
  const progress = useProgress();
  const own = progress?.tour === tour.id ? progress : undefined;
  const start = (): void => {
    startTour(tour.id);
    location.hash = tour.steps[0]!.page;
  };
  return (
    <section class="tour-card" aria-labelledby={`tour-${tour.id}`}>
      <h2 id={`tour-${tour.id}`}>{tour.title}</h2>
      <p>{tour.about}</p>
      <p class="muted">
        {formatPlural(tour.steps.length, "step")}, about {formatPlural(tour.minutes, "minute")}
      </p>
      <ol class="tour-steps">
        {tour.steps.map(({ id, title }) => {
          const isDone = own?.done.includes(id) ?? false;
          return (
            <li key={id} {...(isDone && { class: "is-done" })}>
              {title}
              {isDone && (
                <span class="tour-done">
                  <CheckIcon /> done
                </span>
              )}
            </li>
          );
        })}
      </ol>
      <p class="tour-actions">
        {own === undefined ? (
          <Button look="primary" onClick={start}>
            Start the tour
          </Button>
        ) : (
          <>
            <Button
              look="primary"
              onClick={() => {
                location.hash = tour.steps[own.step]!.page;
              }}
            >
              Continue with step {own.step + 1}
            </Button>
            <Button onClick={start}>Start again</Button>
          </>
        )}
      </p>
    </section>
  );
}
