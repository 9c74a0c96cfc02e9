import { useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { CopyButton } from "../components/copy-button.tsx";
import { AreaField, TextField } from "../components/field.tsx";
import { ApiError, type Api } from "../lib/api.ts";
import { listFields, type Content, type Field, type Json, type Operation } from "./openapi.ts";

interface Props {
  readonly document: Json;
  readonly operation: Operation;
  readonly api: Api;
  readonly needsKey: boolean;
  readonly isOpen: boolean;
}

/** An operation: its types and examples, and a form that sends the request. */
export function OperationView(props: Props) {
  const { operation, isOpen } = props;
  const [wasOpened, setOpened] = useState(isOpen);
  const { method, path, summary } = operation;
  return (
    <details
      class="operation"
      id={operation.id}
      open={isOpen}
      onToggle={(event) => {
        if (event.currentTarget.open) setOpened(true);
      }}
    >
      <summary>
        <span class={`method is-${method.toLowerCase()}`}>{method}</span>
        <code class="operation-path">{path}</code>
        <span class="operation-summary">{summary}</span>
      </summary>
      {wasOpened && <OperationBody {...props} />}
    </details>
  );
}

function OperationBody({ document, operation, api, needsKey }: Props) {
  const { description, parameters, bodies, responses } = operation;
  return (
    <div class="operation-body">
      {description !== "" && <p>{description}</p>}
      {parameters.length > 0 && (
        <FieldTable
          title="Parameters"
          fields={parameters.map((each) => ({ ...each, name: `${each.name} (${each.place})` }))}
        />
      )}
      {bodies.slice(0, 1).map(({ schema }) => (
        <FieldTable key="body" title="Body" fields={listFields(document, schema)} />
      ))}
      <Sender operation={operation} api={api} needsKey={needsKey} />
      <h3>Replies</h3>
      {responses.map(({ status, description: meaning, contents }) => (
        <details key={status} class="response" open={status.startsWith("2")}>
          <summary>
            <span class={`status ${status.startsWith("2") ? "is-good" : ""}`}>{status}</span>{" "}
            {meaning}
          </summary>
          {contents.map((content) => (
            <ContentView key={content.type} document={document} content={content} />
          ))}
        </details>
      ))}
    </div>
  );
}

function ContentView({
  document,
  content,
}: {
  readonly document: Json;
  readonly content: Content;
}) {
  const fields = listFields(document, content.schema);
  return (
    <div class="content">
      <p class="muted">
        <code>{content.type}</code>
      </p>
      {content.examples.map(({ name, summary, text }) => (
        <figure key={name} class="example">
          <figcaption>{summary}</figcaption>
          <pre tabIndex={0} role="region" aria-label={`${summary}, ${content.type}`}>
            <code>{text}</code>
          </pre>
        </figure>
      ))}
      {fields.length > 0 && (
        <details>
          <summary>Fields</summary>
          <FieldTable title="Fields" fields={fields} />
        </details>
      )}
    </div>
  );
}

function FieldTable({
  title,
  fields,
}: {
  readonly title: string;
  readonly fields: readonly Field[];
}) {
  if (fields.length === 0) return null;
  return (
    <div class="docs-table" tabIndex={0} role="region" aria-label={title}>
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Type</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          {fields.map(({ name, type, isRequired, description }) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>
                {type}
                {isRequired ? "" : ", optional"}
              </td>
              <td>{description}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** A longer reply would make the page slow. */
const MAX_SHOWN = 20_000;

function Sender({ operation, api, needsKey }: Pick<Props, "operation" | "api" | "needsKey">) {
  const { method, path, bodies, parameters } = operation;
  const [type, setType] = useState(bodies[0]?.type ?? "");
  const content = bodies.find((each) => each.type === type);
  const [text, setText] = useState(content?.examples[0]?.text ?? "");
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [reply, setReply] = useState<Reply>();
  const [isBusy, setBusy] = useState(false);

  const inPath = parameters.filter(({ place }) => place === "path");
  const target = inPath.reduce(
    (url, { name }) =>
      url.replace(`{${name}}`, encodeURIComponent(values[name] ?? "") || `{${name}}`),
    path.slice(1),
  );
  const isReady = !target.includes("{");
  const url = new URL(`../${target}`, location.href).href;

  async function send(): Promise<void> {
    setBusy(true);
    try {
      const found = await api.send(target, {
        method,
        accept: type === "" ? "application/json" : type,
        ...(content !== undefined && { body: text, contentType: type }),
      });
      setReply({ status: found.status, text: format(await found.text()) });
    } catch (error) {
      const lines =
        error instanceof ApiError
          ? [error.message, ...error.problems.map(({ at, message }) => `${at}: ${message}`)]
          : [String(error)];
      setReply({ status: error instanceof ApiError ? error.status : 0, text: lines.join("\n") });
    }
    setBusy(false);
  }

  return (
    <form
      class="sender"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) void send();
      }}
    >
      <h3>Request</h3>
      {inPath.map(({ name }) => (
        <TextField
          key={name}
          label={name}
          value={values[name] ?? ""}
          onInput={(value) => setValues((before) => ({ ...before, [name]: value }))}
        />
      ))}
      {bodies.length > 1 && (
        <label class="docs-select">
          <span>Content-Type</span>
          <select
            value={type}
            onChange={({ currentTarget: { value } }) => {
              setType(value);
              setText(bodies.find((each) => each.type === value)?.examples[0]?.text ?? "");
            }}
          >
            {bodies.map((each) => (
              <option key={each.type}>{each.type}</option>
            ))}
          </select>
        </label>
      )}
      {(content?.examples.length ?? 0) > 1 && (
        <div class="sender-examples">
          {content!.examples.map(({ name, summary, text: example }) => (
            <Button key={name} small onClick={() => setText(example)}>
              {summary.split(":")[0]}
            </Button>
          ))}
        </div>
      )}
      {content !== undefined && (
        <AreaField
          label={`Body of ${method} ${path}`}
          rows={Math.min(Math.max(text.split("\n").length, 3), 14)}
          value={text}
          onInput={setText}
        />
      )}
      <div class="sender-actions">
        <Button type="submit" look="primary" busy={isBusy} disabled={!isReady}>
          Send
        </Button>
        <CopyButton text={toCurl(method, url, type, text, needsKey)} label="Copy as curl" />
      </div>
      {reply !== undefined && (
        <div role="status">
          <p>
            Status{" "}
            <strong class="reply-status">{reply.status === 0 ? "none" : reply.status}</strong>
          </p>
          <pre class="sender-reply" tabIndex={0} role="region" aria-label="Reply">
            <code>{reply.text}</code>
          </pre>
        </div>
      )}
    </form>
  );
}

function format(text: string): string {
  try {
    return cut(JSON.stringify(JSON.parse(text), null, 2));
  } catch {
    return cut(text);
  }
}

function cut(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}\n…` : text;
}

function toCurl(
  method: string,
  url: string,
  type: string,
  body: string,
  needsKey: boolean,
): string {
  return [
    `curl -sS -X ${method} ${quote(url)}`,
    ...(needsKey ? ['-H "Authorization: Bearer $TEPAL_KEY"'] : []),
    ...(type === ""
      ? []
      : [`-H ${quote(`Content-Type: ${type}`)}`, `--data-binary ${quote(body)}`]),
  ].join(" \\\n  ");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
