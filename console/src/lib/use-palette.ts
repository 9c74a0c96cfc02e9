import { useMemo } from "preact/hooks";
import { DARK, LIGHT, type Palette } from "../grafana/colours.ts";
import { readColour } from "./read-colour.ts";
import { useColourChanges } from "./theme.ts";
import { useMedia } from "./use-media.ts";

/** Returns the colors of the current theme. */
export function usePalette(): Palette {
  const changes = useColourChanges();
  const isSystemDark = useMedia("(prefers-color-scheme: dark)");
  return useMemo(() => {
    const { theme } = document.documentElement.dataset;
    const isDark = theme === undefined ? isSystemDark : theme === "dark";
    const text = readColour(document.body, "--ink");
    return { ...(isDark ? DARK : LIGHT), text };
  }, [changes, isSystemDark]);
}
