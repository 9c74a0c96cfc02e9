import { useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Notice } from "../components/notice.tsx";

interface Props {
  /** The server's answer to the last key. */
  readonly message: string | undefined;
  readonly onSignIn: (key: string) => void;
}

/** A form for the API key. */
export function SignIn({ message, onSignIn }: Props) {
  const [key, setKey] = useState("");
  return (
    <form
      class="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        if (key.trim() !== "") onSignIn(key.trim());
      }}
    >
      <h1>Sign in</h1>
      <p class="muted">
        This server requires an API key. Dashboards and Explore need one with the role{" "}
        <code>metrics</code>, <code>load</code> or <code>admin</code>; <code>tepal keys add</code>{" "}
        creates it.
      </p>
      {message !== undefined && (
        <Notice tone="bad" title="The server rejected the key" live>
          {message}
        </Notice>
      )}
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
