import { useCallback, useEffect, useState } from "preact/hooks";
import { ApiError } from "../lib/api.ts";
import { useSurroundings } from "./surroundings.ts";

/** State of a GET request. During a repeated request, the last reply stays. */
export interface RequestState<T> {
  readonly data: T | null;
  readonly problem: string | null;
  readonly isLoading: boolean;
  readonly again: () => void;
}

interface Result<T> {
  readonly path: string;
  readonly data: T | null;
  readonly problem: string | null;
}

/** Sends a GET request to the load page when the path changes and on `again`. */
export function useRequest<T>(path: string): RequestState<T> {
  const { api } = useSurroundings();
  const [round, setRound] = useState(0);
  const [result, setResult] = useState<Result<T>>({
    path,
    data: null,
    problem: null,
  });
  const [isLoading, setLoading] = useState(true);
  useEffect(() => {
    let isDone = false;
    setLoading(true);
    async function load() {
      let next: Result<T>;
      try {
        next = { path, data: await api.json<T>(path), problem: null };
      } catch (error) {
        next = {
          path,
          data: null,
          problem: error instanceof ApiError ? error.message : String(error),
        };
      }
      if (isDone) return;
      setResult(next);
      setLoading(false);
    }
    void load();
    return () => {
      isDone = true;
    };
  }, [api, path, round]);
  const again = useCallback(() => setRound((value) => value + 1), []);
  return result.path === path
    ? { data: result.data, problem: result.problem, isLoading, again }
    : { data: null, problem: null, isLoading: true, again };
}
