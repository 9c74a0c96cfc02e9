import { Notice } from "../components/notice.tsx";
import type { Api } from "../lib/api.ts";
import type { Manifest } from "../model/manifest.ts";
import { useReply } from "../shell/use-reply.ts";
import { isTutorialModel } from "./is-tutorial-model.ts";

interface Props {
  readonly api: Api;
  /** The default model; undefined for none. */
  readonly name: string | undefined;
}

/** Appears if the rows of the steps do not fit the default model. */
export function ModelNotice({ api, name }: Props) {
  const { data } = useReply(
    async (signal) =>
      name === undefined
        ? undefined
        : await api.json<Manifest>(`models/${encodeURIComponent(name)}`, { signal }),
    [api, name],
  );
  if (data === undefined || isTutorialModel(data.features)) return null;
  return (
    <Notice tone="warn" title="The server has another model">
      The steps expect the Iris model of <code>npm start</code>, but the default model is{" "}
      {data.name}.
    </Notice>
  );
}
