import { TepalError } from "../../kernel/errors.ts";

const PATTERN = /^(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+(?:\.[0-9]+)?)s?)?$/;

/**
 * 90, 90s, 10m, 1h30m → seconds.
 * @param name the option's, for the message
 * @throws TepalError INVALID_OPTION
 */
export function parseDuration(text: string, name: string): number {
  const [whole, hours = "0", minutes = "0", seconds = "0"] = PATTERN.exec(text.trim()) ?? [];
  const total = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  if (whole === undefined || whole === "" || !(total > 0)) {
    const message = `--${name} is ${JSON.stringify(text)}; a time as 90s, 10m or 1h30m is expected`;
    throw new TepalError("INVALID_OPTION", message, { problems: [{ at: `--${name}`, message }] });
  }
  return total;
}
