/** TensorFlow's own lines stay away from stderr: issue 12, B.16. */
import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findInstallation } from "@fer/tfjs-graph/setup";
import { afterEach, expect, test, vi } from "vitest";
import { emptyFolder, fer } from "../fixtures/fer.ts";

const installation = findInstallation("cpu");

/** The installation, with the addon that `fer setup` compiles beside it. */
function withStderrAddon(): string {
  const folder = emptyFolder();
  for (const name of ["tfjs_binding.node", "tensorflow"])
    symlinkSync(join(installation!.folder, name), join(folder, name));
  const graph = fileURLToPath(new URL("../../../tfjs-graph/", import.meta.url));
  const headers = dirname(createRequire(join(graph, "package.json")).resolve("node-api-headers/package.json"));
  const command = ["-shared", "-fPIC", "-DNAPI_VERSION=8", `-I${join(headers, "include")}`];
  execFileSync("g++", [...command, join(graph, "native/stderr.cc"), "-o", join(folder, "stderr.node")]);
  return folder;
}

afterEach(() => vi.unstubAllEnvs());

test.skipIf(installation === undefined)("a command that loads TensorFlow writes nothing to stderr", async () => {
  vi.stubEnv("FER_TENSORFLOW", withStderrAddon());
  const { code, stdout, stderr } = await fer(emptyFolder(), "engines", "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const statuses = JSON.parse(stdout) as { name: string; available: boolean }[];
  expect(statuses.find(({ name }) => name === "tensorflow")?.available).toBe(true);
});

test.skipIf(installation === undefined)("who asks TensorFlow for its messages gets them", async () => {
  vi.stubEnv("FER_TENSORFLOW", withStderrAddon());
  vi.stubEnv("TF_CPP_MIN_LOG_LEVEL", "0");
  expect((await fer(emptyFolder(), "engines", "--json")).stderr).toContain("oneDNN custom operations are on");
});
