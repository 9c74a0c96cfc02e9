import type { ComponentType } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { isShortcut } from "../lib/keys.ts";
import type { Api } from "../lib/api.ts";
import type { Client } from "../prometheus/client.ts";
import type { Page } from "./pages.ts";
import type { ServerState } from "./server-state.ts";
import { useReply } from "./use-reply.ts";

/** A dialog above the page, which a key opens. */
type Name = "search" | "help";

const KEYS: Readonly<Record<string, Name>> = { "/": "search", "?": "help" };

export interface Overlay {
  readonly current: Name | undefined;
  readonly open: (name: Name) => void;
  readonly close: () => void;
}

/** The dialog that is open, and the keys that open one. */
export function useOverlay(): Overlay {
  const [current, setCurrent] = useState<Name>();
  const close = useCallback(() => setCurrent(undefined), []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const name = KEYS[event.key];
      if (name === undefined || !isShortcut(event)) return;
      event.preventDefault();
      setCurrent(name);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return useMemo(() => ({ current, open: setCurrent, close }), [current]);
}

export interface OverlayProps {
  /** Undefined for a place without a page. */
  readonly page: Page | undefined;
  readonly server: ServerState | undefined;
  readonly client: Client;
  readonly api: Api;
  readonly onClose: () => void;
}

const LOADERS: Readonly<Record<Name, () => Promise<ComponentType<OverlayProps>>>> = {
  search: () => import("../palette/palette.tsx").then((module) => module.Palette),
  help: () => import("./help-dialog.tsx").then((module) => module.HelpDialog),
};

interface Props extends Omit<OverlayProps, "onClose"> {
  readonly overlay: Overlay;
}

/** Loads the code of a dialog when it is first opened. */
export function Overlays({ overlay: { current, close }, ...props }: Props) {
  return current === undefined ? null : (
    <LoadedOverlay key={current} name={current} onClose={close} {...props} />
  );
}

function LoadedOverlay({ name, ...props }: OverlayProps & { readonly name: Name }) {
  const { data } = useReply(async () => ({ Content: await LOADERS[name]() }), [name]);
  return data === undefined ? null : <data.Content {...props} />;
}
