import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Creates a self-signed certificate and its private key with openssl; returns the paths of the two files. */
export function makeCertificate(
  folder: string,
  name: string,
  algorithm: "rsa" | "ec" = "rsa",
): { cert: string; key: string } {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const words = [
    "req",
    "-x509",
    "-newkey",
    ...(algorithm === "rsa" ? ["rsa:2048"] : ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]),
    "-nodes",
    "-days",
    "2",
    "-subj",
    `/CN=${name}`,
  ];
  const made = spawnSync("openssl", [...words, "-keyout", key, "-out", cert], {
    encoding: "utf8",
  });
  if (made.status !== 0) throw new Error(made.stderr);
  return { cert, key };
}
