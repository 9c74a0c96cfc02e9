import { useState } from "preact/hooks";
import { CheckIcon } from "../components/icons.tsx";
import type { Client } from "../prometheus/client.ts";
import { toFragment, type Place } from "../shell/location.ts";
import type { Verdict } from "./check-answer.ts";
import type { Exercise } from "../../lab/exercise.ts";
import { ExerciseView } from "./exercise-view.tsx";
import { readProgress, storeProgress, type LabProgress } from "./lab-storage.ts";
import type { Recording } from "../../lab/recording.ts";

interface Props {
  readonly place: Place;
  readonly client: Client;
  readonly exercises: readonly Exercise[];
  readonly recording: Recording;
  readonly check: (exercise: Exercise, answer: string) => Verdict;
}

/** The list of exercises, and one of them: `#/exercises/a-rate`. */
export function ExercisesPage({ place, client, exercises, recording, check }: Props) {
  const [progress, setProgress] = useState(readProgress);
  const [, id] = place.path;
  const index = Math.max(
    0,
    exercises.findIndex((each) => each.id === id),
  );
  const exercise = exercises[index];
  const { solved, drafts } = progress;

  function change(next: LabProgress): void {
    setProgress(next);
    storeProgress(next);
  }

  function answer(draft: string): Verdict {
    const { id: own } = exercise!;
    const verdict = check(exercise!, draft);
    const isNew = verdict.kind === "correct" && !solved.includes(own);
    change({
      solved: isNew ? [...solved, own] : solved,
      drafts: { ...drafts, [own]: draft },
    });
    return verdict;
  }

  const known = exercises.filter((each) => solved.includes(each.id)).length;
  return (
    <div class="exercises">
      <nav class="exercise-list" aria-label="Exercises">
        <p class="muted">
          {known} of {exercises.length} solved
        </p>
        <ol>
          {exercises.map((each) => (
            <li key={each.id}>
              <a
                class="exercise-link"
                href={toFragment(["exercises", each.id])}
                {...(each === exercise && { "aria-current": "page" as const })}
              >
                <span>
                  {each.number}. {each.title}
                </span>
                {solved.includes(each.id) && (
                  <span class="exercise-solved">
                    <CheckIcon />
                    <span class="visually-hidden">solved</span>
                  </span>
                )}
              </a>
            </li>
          ))}
        </ol>
      </nav>
      {exercise !== undefined && (
        <ExerciseView
          key={exercise.id}
          exercise={exercise}
          next={exercises[index + 1]}
          draft={drafts[exercise.id] ?? ""}
          recording={recording}
          client={client}
          onAnswer={answer}
        />
      )}
    </div>
  );
}
