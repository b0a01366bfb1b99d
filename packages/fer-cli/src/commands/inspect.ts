/** `fer inspect <paths...>`: verifies artifacts, and shows what image folders, a set or a run hold. */
import { acceptDamages, artifactAt, artifactDamages, type ArtifactPlace, OptionsError } from "@fer/core";
import type { Damage } from "@fer/core/artifact";
import { InspectOptions as Options } from "@fer/dataset-extractors";
import { isModelFile } from "@fer/model";
import { z } from "zod";
import { type CommandResult, defineCommand } from "../command.js";
import { table } from "../output/table.js";

export const InspectOptions = z.strictObject({
  paths: z
    .array(z.string())
    .min(1)
    .describe(
      "Image folders (together, so that twins between them are found), or a set, or a run, or a folder of runs by seed; or a model: .h5, .keras, model.json of TensorFlow.js, .onnx",
    ),
  to: z.string().optional().describe("Folder for a page with the findings as pictures, and a contact sheet"),
  accept: z.boolean().default(false).describe("Take files that have changed for what you want: you edited them"),
  ...Options.shape,
});

export default defineCommand({
  options: InspectOptions,
  positionals: ["paths"],
  paths: ["paths", "to"],
  details:
    "First every file is compared with what was written; exit code 1 where one is missing or has changed. Then class counts, exact and near duplicates (across splits and folders too), label conflicts, pictures that are black, dark, blank, blurred or show no face (--to lists them in quality.csv, which fer assemble --exclude reads); of a set and a run what they hold.",
  examples: [
    "fer inspect data/fer2013 --to findings",
    "fer inspect data/rafdb data/ckplus --json",
    "fer inspect features/mix",
  ],
  kept: () => "Nothing was changed.",
  async run({ paths, to, accept, ...options }, { hooks, output }) {
    if (
      paths.length === 1 &&
      to === undefined &&
      !accept &&
      (await isNoArtifact(paths[0]!)) &&
      (await isModelFile(paths[0]!))
    )
      return (await import("../inspect/model-file.js")).inspectModelFile(paths[0]!);
    const places: ArtifactPlace[] = [];
    for (const path of paths) places.push(await artifactAt(path));
    refuseMixed(places, to);
    if (accept) return acceptAll(places, hooks.signal);
    const damaged = [];
    for (const place of places) {
      const damages = await artifactDamages(place, hooks.signal);
      if (damages !== null && damages.length > 0) damaged.push({ ...place, damages });
      else output.note(`${place.path}: ${damages === null ? UNVERIFIED : VERIFIED[place.kind]}`);
    }
    if (damaged.length > 0) return { text: damaged.map(renderDamages).join("\n\n"), json: { damaged }, exitCode: 1 };
    const { kind, path } = places[0]!;
    if (kind === "set") return (await import("../inspect/set.js")).inspectSet(path, hooks);
    if (kind === "run") return (await import("../inspect/run.js")).inspectRun(path);
    if (kind === "seeds") return (await import("../inspect/seeds.js")).inspectSeeds(path);
    return (await import("../inspect/image-folders.js")).inspectImageFolders(paths, { ...options, to, hooks });
  },
});

const isNoArtifact = (path: string): Promise<boolean> =>
  artifactAt(path).then(
    () => false,
    () => true,
  );

/** The pictures of an image folder are compared when they are decoded. */
const VERIFIED = {
  "image-folder": "description and metadata are as they were written",
  set: "every file is as it was written",
  run: "every file is as it was written",
  seeds: "every file of every run is as it was written",
};
const UNVERIFIED = "made by an early version, which wrote no hashes to compare with";

function refuseMixed(places: readonly ArtifactPlace[], to: string | undefined): void {
  const other = places.find(({ kind }) => kind !== "image-folder");
  if (other === undefined || (places.length === 1 && to === undefined)) return;
  throw new OptionsError({
    code: "INVALID_OPTIONS",
    subject: other.path,
    found: other.kind === "seeds" ? "runs of several seeds" : `a ${other.kind}`,
    expected: to === undefined ? "image folders, or a single set or run" : "image folders, for --to",
  });
}

async function acceptAll(places: readonly ArtifactPlace[], signal: AbortSignal): Promise<CommandResult> {
  const accepted = [];
  for (const { path, kind, ...rest } of places)
    accepted.push({ path, kind, accepted: await acceptDamages({ path, kind, ...rest }, signal) });
  const lines = accepted.map(({ path, accepted: damages }) => {
    if (damages.length === 0) return `${path}: nothing to accept, every file is as it was written`;
    return `${path}: accepted ${damages.map(({ file }) => file).join(", ")}`;
  });
  return { text: lines.join("\n"), json: accepted };
}

function renderDamages({ path, damages }: { path: string; damages: readonly Damage[] }): string {
  const rows = damages.map(({ file, found }) => [file, found]);
  return [
    `! ${path} is not as it was written:`,
    "",
    table(["file", "what is wrong"], rows),
    "",
    `Restore ${damages.length === 1 ? "it" : "them"}, or make ${path} again. If the change is yours: fer inspect ${path} --accept`,
  ].join("\n");
}
