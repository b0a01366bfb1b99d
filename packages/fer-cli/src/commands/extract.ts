/** `fer extract <adapter>`: an official dataset folder -> an image folder. */
import { type DatasetAdapter, ExtractOptions, extract, unknownName } from "@fer/dataset-extractors";
import { z } from "zod";
import { configSection } from "../config/config-section.js";
import { knownAdapters, ownAdapters } from "../config/known-adapters.js";
import type { LoadedConfig } from "../config/load-config.js";
import { defineCommand } from "../define-command.js";
import { renderDataset } from "../render/dataset.js";

/** The adapter that the words name: the first known name that is not the value of a flag. */
function adapterIn(words: readonly string[], config: LoadedConfig | undefined): DatasetAdapter | undefined {
  const known = knownAdapters(config);
  const names = words.filter((word) => Object.hasOwn(known, word));
  const name = names.find((word) => !words[words.indexOf(word) - 1]?.startsWith("--")) ?? names[0];
  return name === undefined ? undefined : known[name];
}

/** Options of extract, and those of the adapter beside them. */
function schemaFor(words: readonly string[], config?: LoadedConfig): z.ZodObject {
  const own = adapterIn(words, config)?.options.shape ?? {};
  const adapter = z.string().describe("Name of the dataset; fer datasets lists them");
  return ExtractOptions.omit({ options: true }).extend({ adapter }).extend(own);
}

export default defineCommand({
  options: schemaFor,
  positionals: ["adapter"],
  details:
    "Pictures are found, checked and counted; what is left out is listed with its reason in skipped.jsonl.\nfer extract <adapter> --help shows the options of that dataset, fer datasets <adapter> its folder tree.",
  examples: ["fer extract ckplus --from CK+ --to data/ckplus", "fer extract folders --from faces --to data/faces"],
  section: (config, words) => {
    const name = adapterIn(words, config)?.name;
    const found = config.config.extract?.find(
      ({ adapter }) => name === (adapter as DatasetAdapter).name || name === adapter,
    );
    if (found === undefined) return undefined;
    const { options, ...rest } = found;
    return configSection(config, "extract", { ...rest, ...options });
  },
  kept: () => "Finished images were kept: the same command goes on from there.",
  async run(options, { hooks, output, config }) {
    const name = options["adapter"] as string;
    const known = knownAdapters(config);
    if (!Object.hasOwn(known, name)) throw unknownName("adapter", name, Object.keys(known));
    const plain = nested(options, known[name]!);
    const isOwn = ownAdapters(config).includes(known[name]!);
    const result = await extract(plain, { ...hooks, ...(isOwn ? { adapter: known[name]! } : {}) });
    if (result.status === "unchanged")
      output.note("nothing to do: it was made from the same files with the same options");
    return { text: renderDataset(result.info, plain.to), json: result.info };
  },
});

/** Flags of the adapter back into `options`, as the library takes them. */
function nested(flat: Record<string, unknown>, adapter: DatasetAdapter): ExtractOptions {
  const own = adapter.options.shape;
  const isOwn = ([key]: [string, unknown]): boolean => Object.hasOwn(own, key);
  const entries = Object.entries(flat);
  return ExtractOptions.parse({
    ...Object.fromEntries(entries.filter((entry) => !isOwn(entry))),
    options: Object.fromEntries(entries.filter(isOwn)),
  });
}
