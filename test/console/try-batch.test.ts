import { beforeAll, afterAll, describe, expect, it } from "vitest";
import { createApi } from "../../console/src/lib/api.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { IRIS } from "../support/models.ts";
import { predictFile, type BatchProgress } from "../../console/src/try/batch.ts";

const HEADER = "sepal_length,sepal_width,petal_length,petal_width";

describe("predictFile", () => {
  let server: TestServer;
  let requests = 0;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  function predict(
    text: string,
    signal = new AbortController().signal,
    onProgress: (progress: BatchProgress) => void = () => {},
  ) {
    requests = 0;
    const api = createApi({
      key: () => "",
      fetch: (url, init) => {
        requests++;
        return fetch(`${server.url}/${url.slice("../".length)}`, init);
      },
    });
    const path = "models/iris/predict/batch";
    return predictFile({ api, path, input: new Blob([text]), signal, onProgress });
  }

  async function sendWhole(text: string): Promise<string> {
    const headers = { "content-type": "text/csv", accept: "text/csv" };
    const path = "/models/iris/predict/batch?on_bad_row=skip";
    return (await server.send(path, { method: "POST", headers, body: text })).text;
  }

  it.each([
    ["LF", "\n"],
    ["CRLF", "\r\n"],
  ])("gives the reply of one request, byte for byte, with %s", async (_name, end) => {
    const rows = Array.from({ length: 6_000 }, (_, i) => IRIS[i % 150]!.row.join());
    rows[10] = "99,3,1,1";
    rows[4_000] = 'x,"3\n",1,1';
    rows[5_500] = "";
    const text = `${end}${HEADER}${end}${rows.join(end)}`;
    const seen: BatchProgress[] = [];
    const result = await predict(text, undefined, (progress) => seen.push(progress));
    const csv = await result.csv.text();
    expect(csv).toBe(await sendWhole(text));
    expect(requests).toBeGreaterThan(1);
    expect([result.rows, result.badRows]).toEqual([5_999, 1]);
    expect(result.outliers).toBe(csv.split(",true,").length - 1);
    expect(result.shown).toHaveLength(200);
    expect(result.shown[0]!.slice(0, 3)).toEqual(["3", "0", "setosa"]);
    expect(seen.at(-1)!.bytes).toBe(new Blob([text]).size - end.length);
  });

  it("reports the problem of a header, and of no header", async () => {
    await expect(predict("a,b\n1,2\n")).rejects.toMatchObject({
      status: 422,
      problems: expect.arrayContaining([
        expect.objectContaining({ message: expect.stringContaining("Missing") }),
      ]),
    });
    await expect(predict("")).rejects.toMatchObject({ status: 422 });
  });

  it("ends at once when it is cancelled", async () => {
    const abort = new AbortController();
    const rows = Array.from({ length: 20_000 }, () => "5.1,3.5,1.4,0.2").join("\n");
    const running = predict(`${HEADER}\n${rows}`, abort.signal, () => abort.abort());
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    expect(requests).toBeLessThan(6);
  });
});
