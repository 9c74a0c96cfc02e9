import { useId, useRef, useState } from "preact/hooks";
import { complete, findWord, type Word } from "./complete.ts";

const MAX_CHOICES = 8;

interface Props {
  readonly label: string;
  readonly value: string;
  /** Metric names for completion. */
  readonly names: readonly string[];
  /** The error of the API, shown below. */
  readonly problem: string | undefined;
  readonly onInput: (value: string) => void;
  readonly onRun: () => void;
}

/** A field for a PromQL expression, with completion of metric names. Enter runs it, Shift and Enter begins a line. */
export function ExpressionField({ label, value, names, problem, onInput, onRun }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [word, setWord] = useState<Word>();
  const [selected, setSelected] = useState(-1);
  const id = useId();
  const choices =
    word === undefined || word.text.length < 2 ? [] : complete(names, word.text, MAX_CHOICES);

  function look(): void {
    const element = field.current;
    if (element === null) return;
    setWord(findWord(element.value, element.selectionStart));
    setSelected(-1);
  }

  function accept(choice: string): void {
    const element = field.current;
    if (element === null || word === undefined) return;
    const end = word.start + word.text.length;
    onInput(value.slice(0, word.start) + choice + value.slice(end));
    setWord(undefined);
    element.focus();
    const caret = word.start + choice.length;
    // Once the new value is in the field.
    requestAnimationFrame(() => element.setSelectionRange(caret, caret));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const choice = choices[selected];
    if (step !== undefined && choices.length > 0) {
      event.preventDefault();
      setSelected((selected + step + choices.length) % choices.length);
    } else if (event.key === "Escape" && choices.length > 0) {
      event.preventDefault();
      setWord(undefined);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (choice !== undefined) accept(choice);
      else {
        setWord(undefined);
        onRun();
      }
    }
  }

  return (
    <div class="expression">
      <textarea
        ref={field}
        class={`expression-input mono${problem === undefined ? "" : " has-problem"}`}
        rows={Math.min(8, value.split("\n").length)}
        aria-label={label}
        aria-controls={`${id}-choices`}
        aria-autocomplete="list"
        aria-activedescendant={selected >= 0 ? `${id}-${selected}` : undefined}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        placeholder="A PromQL expression, for example rate(api_requests_total[1m])"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={value}
        onInput={(event) => {
          onInput(event.currentTarget.value);
          look();
        }}
        onClick={look}
        onBlur={() => setWord(undefined)}
        onKeyDown={onKeyDown}
      />
      <ul
        id={`${id}-choices`}
        class="choices"
        role="listbox"
        aria-label="Metrics"
        hidden={choices.length === 0}
      >
        {choices.map((choice, index) => (
          <li
            key={choice}
            id={`${id}-${index}`}
            class="choice mono"
            role="option"
            aria-selected={index === selected}
            // Before the field loses the focus.
            onPointerDown={(event) => {
              event.preventDefault();
              accept(choice);
            }}
          >
            {choice}
          </li>
        ))}
      </ul>
      {problem !== undefined && (
        <p id={`${id}-problem`} class="field-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
