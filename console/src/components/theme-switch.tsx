import { useTheme, type Theme } from "../lib/theme.ts";
import { MoonIcon, SunIcon, SystemIcon } from "./icons.tsx";
import "./theme.css";
import "./segments.css";

const THEMES: readonly (readonly [Theme, string, () => preact.JSX.Element])[] = [
  ["light", "Light", SunIcon],
  ["system", "System theme", SystemIcon],
  ["dark", "Dark", MoonIcon],
];

/** Switches the theme: system, light or dark. */
export function ThemeSwitch() {
  const [theme, setTheme] = useTheme();
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">Colours</legend>
      {THEMES.map(([value, label, Icon]) => (
        <label key={value} class="segment" title={label}>
          <input
            type="radio"
            name="theme"
            class="cover-input"
            checked={theme === value}
            onChange={() => setTheme(value)}
          />
          <Icon />
          <span class="visually-hidden">{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
