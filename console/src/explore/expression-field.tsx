import type { PrometheusClient } from "@prometheus-io/codemirror-promql";
import { useEffect, useId, useRef } from "preact/hooks";
import { createEditor, type ExpressionEditor } from "./editor/create-editor.ts";
import type { Mark } from "./editor/error-mark.ts";
import type { FindHelp } from "./editor/help.ts";

interface Props {
  readonly label: string;
  readonly value: string;
  readonly completion: PrometheusClient;
  readonly findHelp: FindHelp;
  /** The position of the error, if it has one. */
  readonly mark: Mark | undefined;
  /** The error, shown below. */
  readonly problem: string | undefined;
  /** True if screen readers announce the error: it is that of a query, and not of an unfinished expression. */
  readonly isFinal: boolean;
  readonly onInput: (value: string) => void;
  readonly onRun: () => void;
  /** Called with the editor once it exists, and with undefined when it is removed. */
  readonly onEditor: (editor: ExpressionEditor | undefined) => void;
}

/** A field for a PromQL expression: completion, marks of errors, help for words. */
export function ExpressionField(props: Props) {
  const { label, value, completion, mark, problem, isFinal } = props;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<ExpressionEditor | undefined>(undefined);
  /** Inputs of the editor that have not come back as `value` yet: a render may be behind the keyboard. */
  const underway = useRef(new Set<string>());
  const latest = useRef(props);
  latest.current = props;
  const id = useId();

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const created = createEditor({
      root: element.shadowRoot ?? element.attachShadow({ mode: "open" }),
      label,
      value,
      placeholder: "A PromQL expression, for example rate(api_requests_total[1m])",
      completion,
      findHelp: (word) => latest.current.findHelp(word),
      onInput: (next) => {
        underway.current.add(next);
        latest.current.onInput(next);
      },
      onRun: () => latest.current.onRun(),
    });
    editor.current = created;
    latest.current.onEditor(created);
    return () => {
      latest.current.onEditor(undefined);
      created.destroy();
    };
  }, [completion, label]);

  useEffect(() => {
    if (editor.current?.value() === value) underway.current.clear();
    else if (!underway.current.has(value)) editor.current?.setValue(value);
  }, [value]);
  useEffect(() => editor.current?.setMark(mark), [mark]);

  return (
    <div class="expression">
      <div class="expression-editor" ref={host} />
      {problem !== undefined && (
        <p id={`${id}-problem`} class="field-problem" {...(isFinal && { role: "alert" })}>
          {problem}
        </p>
      )}
    </div>
  );
}
