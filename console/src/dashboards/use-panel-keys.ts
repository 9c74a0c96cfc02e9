import { useEffect, useMemo, useRef } from "preact/hooks";
import { isShortcut } from "../lib/keys.ts";
import { findPanelKey, PANEL_KEYS, type PanelCommand } from "./panel-commands.ts";

interface Actions {
  readonly onZoomOut: () => void;
  readonly onRefresh: () => void;
  /** Leaves the view of one panel. Returns false without one. */
  readonly onLeave: () => boolean;
}

export interface PanelKeys {
  readonly register: (key: string, run: (command: PanelCommand) => void) => () => void;
}

/** The keys of a dashboard: those of a panel work on the one with the focus, else on the one under the pointer. */
export function usePanelKeys(actions: Actions): PanelKeys {
  const current = useRef(actions);
  current.current = actions;
  const panels = useRef(new Map<string, (command: PanelCommand) => void>());
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (!isShortcut(event)) return;
      const { onZoomOut, onRefresh, onLeave } = current.current;
      const command = PANEL_KEYS[event.key];
      const panel = findPanelKey();
      if (event.key === "Escape") onLeave();
      else if (event.key === "z") onZoomOut();
      else if (event.key === "r") onRefresh();
      else if (command !== undefined && panel !== undefined) panels.current.get(panel)?.(command);
      else if (command === "view") onLeave();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
  return useMemo(
    () => ({
      register(key, run) {
        panels.current.set(key, run);
        return () => {
          if (panels.current.get(key) === run) panels.current.delete(key);
        };
      },
    }),
    [],
  );
}
