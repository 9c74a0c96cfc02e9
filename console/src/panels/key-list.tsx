/** Names with their colors, and perhaps values. */
export interface Key {
  readonly title: string;
  readonly colour: string;
  readonly values: readonly string[];
}

interface Props {
  /** The panel's, for screen readers. */
  readonly title: string;
  readonly keys: readonly Key[];
  /** Heads of the values; with them the legend is a table. */
  readonly heads?: readonly string[];
  readonly isBeside?: boolean;
}

/** The legend of a chart that is not over time. */
export function KeyList({ title, keys, heads = [], isBeside = false }: Props) {
  return (
    <div
      class={`series-legend${isBeside ? " is-beside" : ""}`}
      tabIndex={0}
      role="region"
      aria-label={`Legend of ${title}`}
    >
      {heads.length > 0 ? (
        <table class="legend-table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              {heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {keys.map((key, index) => (
              <tr key={`${key.title}${index}`}>
                <th scope="row">
                  <Name of={key} />
                </th>
                {key.values.map((value, at) => (
                  <td key={at}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <ul class="legend-list">
          {keys.map((key, index) => (
            <li key={`${key.title}${index}`}>
              <Name of={key} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Name({ of: { title, colour } }: { readonly of: Key }) {
  return (
    <span class="legend-key">
      <span class="legend-swatch" style={{ background: colour }} />
      <span class="legend-text" title={title}>
        {title}
      </span>
    </span>
  );
}
