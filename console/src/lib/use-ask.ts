import { useCallback, useEffect, useState } from "preact/hooks";
import { ask, RequestError } from "./http.ts";

/** What came of a question. While it is asked again, the last answer stays. */
export interface Asked<T> {
  readonly data: T | null;
  readonly problem: string | null;
  readonly isLoading: boolean;
  readonly again: () => void;
}

interface Answer<T> {
  readonly path: string;
  readonly data: T | null;
  readonly problem: string | null;
}

/** The answer to a GET; asked when the path changes, and on `again`. */
export function useAsk<T>(path: string): Asked<T> {
  const [round, setRound] = useState(0);
  const [answer, setAnswer] = useState<Answer<T>>({
    path,
    data: null,
    problem: null,
  });
  const [isLoading, setLoading] = useState(true);
  useEffect(() => {
    let isOver = false;
    setLoading(true);
    async function load() {
      let next: Answer<T>;
      try {
        next = { path, data: await ask<T>(path), problem: null };
      } catch (error) {
        next = {
          path,
          data: null,
          problem: error instanceof RequestError ? error.message : String(error),
        };
      }
      if (isOver) return;
      setAnswer(next);
      setLoading(false);
    }
    void load();
    return () => {
      isOver = true;
    };
  }, [path, round]);
  const again = useCallback(() => setRound((value) => value + 1), []);
  return answer.path === path
    ? { data: answer.data, problem: answer.problem, isLoading, again }
    : { data: null, problem: null, isLoading: true, again };
}
