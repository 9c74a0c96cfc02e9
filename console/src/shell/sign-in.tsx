import { useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Notice } from "../components/notice.tsx";
import { joinRoles, listSufficient, toRole } from "./access.ts";
import { PAGES, type Page } from "./pages.ts";
import type { Role, ServerState } from "./server-state.ts";

interface Props {
  /** The server's answer to the last key. */
  readonly message: string | undefined;
  readonly onSignIn: (key: string) => void;
}

/** A form for the API key, with what each role opens. */
export function SignIn({ message, onSignIn }: Props) {
  return (
    <div class="sign-in">
      <h1>Sign in</h1>
      <p class="muted">
        This server requires an API key. <code>tepal keys add</code> creates one.
      </p>
      {message !== undefined && (
        <Notice tone="bad" title="The server rejected the key" live>
          {message}
        </Notice>
      )}
      <KeyForm onSignIn={onSignIn} />
      <RoleTable />
    </div>
  );
}

interface MissingProps {
  readonly page: Page;
  readonly needed: Role;
  readonly server: ServerState;
  readonly onSignIn: (key: string) => void;
}

/** The reason why a key cannot open a page, and a form for another key. */
export function MissingRole({ page, needed, server, onSignIn }: MissingProps) {
  return (
    <div class="sign-in">
      <h1>{page.title}</h1>
      <Notice tone="warn" title={`${page.title} requires the role ${needed}`}>
        {server.role === null
          ? "This server has no API keys, and this page requires one. Start it with --api-keys-file."
          : `Your key has the role ${server.role}. A key with the role ${joinRoles(listSufficient(needed))} opens this page.`}
      </Notice>
      {server.role !== null && <KeyForm onSignIn={onSignIn} />}
      <RoleTable current={server.role} />
    </div>
  );
}

function KeyForm({ onSignIn }: Pick<Props, "onSignIn">) {
  const [key, setKey] = useState("");
  return (
    <form
      class="key-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (key.trim() !== "") onSignIn(key.trim());
      }}
    >
      <label class="field">
        <span class="field-label">API key</span>
        <span class="field-box">
          <input
            type="password"
            name="key"
            class="field-input mono"
            autocomplete="current-password"
            spellcheck={false}
            value={key}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </span>
        <span class="field-hint">
          It stays in this tab, and is forgotten when the tab is closed.
        </span>
      </label>
      <Button type="submit" look="primary">
        Sign in
      </Button>
    </form>
  );
}

const OTHER_ROLES: readonly (readonly [Role, string])[] = [
  ["load", "All pages"],
  ["admin", "All pages, and reloading models"],
];

/** The pages that each role opens. */
function RoleTable({ current = null }: { readonly current?: Role | null }) {
  const rows = [
    ...(["predict", "metrics"] as const).map((role) => {
      const titles = PAGES.filter((page) => toRole(page) === role).map(({ title }) => title);
      return [role, titles.join(", ")] as const;
    }),
    ...OTHER_ROLES,
  ].filter(([, opens]) => opens !== "");
  return (
    <table class="role-table">
      <caption class="visually-hidden">Pages by role of the key</caption>
      <thead>
        <tr>
          <th scope="col">Role</th>
          <th scope="col">Opens</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([role, opens]) => (
          <tr key={role}>
            <th scope="row">
              <code>{role}</code>
              {role === current && <span class="muted"> (yours)</span>}
            </th>
            <td>{opens}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
