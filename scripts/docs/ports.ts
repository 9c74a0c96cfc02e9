/** Replaces the ports that pages name by free ones, and back. Each page has twenty ports of its own. */
export interface Ports {
  /** Returns the free port for one that a page names. */
  get(named: number): number;
  /** Replaces the ports in a command or a file. */
  map(text: string): string;
  /** Replaces the ports in an output by those that the page names. */
  unmap(text: string): string;
}

const USUAL = [8000, 8089, 9090, 9093, 9100, 3000];
const NAMED = /(127\.0\.0\.1|localhost|0\.0\.0\.0)(:|%3A)(\d{4,5})\b|(\.listen\()(\d{4,5})\b/g;

export function createPorts(first: number): Ports {
  const ports = new Map(USUAL.map((named, index) => [named, first + index]));
  const get = (named: number): number => {
    const port = ports.get(named) ?? first + ports.size;
    ports.set(named, port);
    return port;
  };
  return {
    get,
    map: (text) =>
      text.replaceAll(NAMED, (_all, host, separator, port, listen, other) =>
        host === undefined
          ? `${listen}${get(Number(other))}`
          : `${host}${separator}${get(Number(port))}`,
      ),
    unmap(text) {
      const named = new Map([...ports].map(([from, to]) => [String(to), String(from)]));
      return text.replaceAll(
        /(?<=(?:127\.0\.0\.1|localhost|0\.0\.0\.0)(?::|%3A))\d{4,5}\b/g,
        (port) => named.get(port) ?? port,
      );
    },
  };
}
