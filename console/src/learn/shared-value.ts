import { useEffect, useState } from "preact/hooks";

/** A value that all views of the course share. It outlives them: they are replaced when the console opens another page. */
export interface SharedValue<T> {
  get(): T;
  set(value: T): void;
  /** Returns the current value to a view, and renders it again after each change. */
  use(): T;
}

export function createSharedValue<T extends object>(initial: T): SharedValue<T> {
  const listeners = new Set<() => void>();
  let current = initial;
  return {
    get: () => current,
    set(value) {
      current = value;
      for (const listener of listeners) listener();
    },
    use() {
      const [value, follow] = useState(current);
      useEffect(() => {
        const update = (): void => follow(current);
        // A change between the first render and this effect.
        update();
        listeners.add(update);
        return () => {
          listeners.delete(update);
        };
      }, []);
      return value;
    },
  };
}
