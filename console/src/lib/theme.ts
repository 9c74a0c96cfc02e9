import { useEffect, useState } from "preact/hooks";

export type Theme = "system" | "light" | "dark";

const KEY = "tepal-theme";
const CHANGED = "tepal-theme-changed";

/** The theme that the user chose; `public/theme.js` applies it before the first paint. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(() => {
    const chosen = document.documentElement.dataset["theme"];
    return chosen === "light" || chosen === "dark" ? chosen : "system";
  });
  return [
    theme,
    (next) => {
      setTheme(next);
      if (next === "system") delete document.documentElement.dataset["theme"];
      else document.documentElement.dataset["theme"] = next;
      try {
        if (next === "system") localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, next);
      } catch {
        // Without storage the choice lasts until the page is reloaded.
      }
      dispatchEvent(new Event(CHANGED));
    },
  ];
}

/** Counts changes of colors, for drawings that CSS does not style. */
export function useColourChanges(): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const note = () => setCount((value) => value + 1);
    system.addEventListener("change", note);
    addEventListener(CHANGED, note);
    return () => {
      system.removeEventListener("change", note);
      removeEventListener(CHANGED, note);
    };
  }, []);
  return count;
}
