import { useState } from "preact/hooks";
import { CopyButton } from "../components/copy-button.tsx";
import { Segments } from "../components/segments.tsx";
import { LANGUAGES, toSnippet, type Language, type SnippetInput } from "./snippets.ts";

/** The same request as a program. */
export function SnippetCard(input: SnippetInput) {
  const [language, setLanguage] = useState<Language>("curl");
  const text = toSnippet(language, input);
  return (
    <section class="try-card" aria-labelledby="snippet-title">
      <div class="try-card-head">
        <h2 id="snippet-title">The same request as a program</h2>
        <div class="try-card-controls">
          <Segments label="Language" options={LANGUAGES} value={language} onChange={setLanguage} />
          <CopyButton text={text} />
        </div>
      </div>
      <pre class="snippet" tabIndex={0} role="region" aria-label="Program">
        <code>{text}</code>
      </pre>
      {input.needsKey && (
        <p class="muted">
          Put an API key with the role <code>predict</code> into the variable <code>TEPAL_KEY</code>
          .
        </p>
      )}
    </section>
  );
}
