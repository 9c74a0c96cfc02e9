import { useEffect, useMemo, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Empty, Loading } from "../components/empty.tsx";
import { TextField } from "../components/field.tsx";
import { Mark } from "../components/icons.tsx";
import { Notice } from "../components/notice.tsx";
import { SkipLink } from "../components/skip-link.tsx";
import { ThemeSwitch } from "../components/theme-switch.tsx";
import { ApiError } from "../lib/api.ts";
import { createSessionApi, hasKey, storeKey } from "../shell/session.ts";
import { listGroups, type Group, type Json } from "./openapi.ts";
import { OperationView } from "./operation-view.tsx";
import "./docs.css";

/** The description of the HTTP API, from /openapi.json: operations, types, examples of the loaded models, and a form that sends requests. */
export function DocsApp() {
  const [round, setRound] = useState(0);
  const [document, setDocument] = useState<Json>();
  const [error, setError] = useState<ApiError>();
  const api = useMemo(createSessionApi, [round]);
  useEffect(() => {
    const controller = new AbortController();
    async function load(): Promise<void> {
      try {
        setDocument(await api.json<Json>("openapi.json", { signal: controller.signal }));
        setError(undefined);
      } catch (reason) {
        if (reason instanceof ApiError) setError(reason);
      }
    }
    void load();
    return () => controller.abort();
  }, [api]);
  const groups = useMemo(() => (document === undefined ? [] : listGroups(document)), [document]);
  const again = (): void => setRound((value) => value + 1);

  function signIn(key: string): void {
    storeKey(key);
    again();
  }

  const needsKey = error?.failure === "key" || error?.failure === "role";
  return (
    <>
      <SkipLink />
      <header class="top-bar">
        <div class="top-bar-inner">
          <a class="brand" href="../console/">
            <Mark />
            <span>
              Tepal<span class="brand-part">API</span>
            </span>
          </a>
          <div class="top-bar-actions">
            {hasKey() && (
              <Button look="quiet" small onClick={() => signIn("")}>
                Sign out
              </Button>
            )}
            <ThemeSwitch />
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1} class="page">
        <div class="docs-head">
          <h1>HTTP API</h1>
          <p class="muted">
            Operations, types and examples of the loaded models, from{" "}
            <a href="../openapi.json">openapi.json</a>. Requests sent here count like those of other
            clients. <a href="../console/#/try">Try it</a> has a form for rows and files.
          </p>
        </div>
        {needsKey && <KeyForm message={hasKey() ? error.message : undefined} onKey={signIn} />}
        {error !== undefined && !needsKey && (
          <Empty
            title="The description cannot be loaded"
            action={<Button onClick={again}>Try again</Button>}
          >
            {error.message}
          </Empty>
        )}
        {error === undefined && document === undefined && <Loading what="Loading openapi.json…" />}
        {document !== undefined && error === undefined && (
          <div class="docs">
            <Contents groups={groups} />
            <div class="docs-groups">
              {groups.map(({ tag, description, operations }) => (
                <section key={tag} aria-labelledby={toId(tag)}>
                  <h2 id={toId(tag)}>{tag}</h2>
                  {description !== "" && <p class="muted">{description}</p>}
                  {operations.map((operation) => (
                    <OperationView
                      key={operation.id}
                      document={document}
                      operation={operation}
                      api={api}
                      needsKey={hasKey()}
                      isOpen={operation.id === "predict"}
                    />
                  ))}
                </section>
              ))}
            </div>
          </div>
        )}
      </main>
    </>
  );
}

function toId(tag: string): string {
  return `tag-${tag.replaceAll(/\W+/g, "-")}`;
}

function Contents({ groups }: { readonly groups: readonly Group[] }) {
  return (
    <nav class="docs-contents" aria-label="Contents">
      <ul>
        {groups.map(({ tag, operations }) => (
          <li key={tag}>
            <a href={`#${toId(tag)}`}>{tag}</a> <span class="muted">{operations.length}</span>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function KeyForm({
  message,
  onKey,
}: {
  readonly message: string | undefined;
  readonly onKey: (key: string) => void;
}) {
  const [key, setKey] = useState("");
  return (
    <form
      class="docs-key"
      onSubmit={(event) => {
        event.preventDefault();
        if (key.trim() !== "") onKey(key.trim());
      }}
    >
      {message !== undefined && (
        <Notice tone="bad" title="The server rejected the key" live>
          {message}
        </Notice>
      )}
      <TextField
        label="API key"
        name="key"
        value={key}
        hint="With the role predict, load or admin. It stays in this tab, and is forgotten when the tab is closed."
        onInput={setKey}
      />
      <Button type="submit" look="primary">
        Sign in
      </Button>
    </form>
  );
}
