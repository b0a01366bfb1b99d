/** `fer extract <adapter>`: an official dataset folder -> an image folder. */
import { adapters, type DatasetAdapter, extract, ExtractOptions } from "@fer/dataset-extractors";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { isAdapter, knownAdapters } from "../config/own-adapters.js";
import { renderDataset } from "../render/dataset.js";

/** The adapter that the words name: the first known name that is not the value of a flag. */
function adapterIn(words: readonly string[], known: Readonly<Record<string, DatasetAdapter>>): string | undefined {
  const names = words.filter((word) => Object.hasOwn(known, word));
  return names.find((word) => !words[words.indexOf(word) - 1]?.startsWith("--")) ?? names[0];
}

const ADAPTER = "Name of the dataset; fer datasets lists them";

export default defineCommand({
  options: z.strictObject({ ...ExtractOptions.shape, adapter: z.string().describe(ADAPTER) }),
  values: z.strictObject({
    adapter: z.custom<DatasetAdapter>(isAdapter, "the name of a dataset, or an adapter of your own (defineAdapter)"),
  }),
  optionsFor(words, config) {
    const known = knownAdapters(config);
    const own = known[adapterIn(words, known) ?? ""]?.options ?? z.strictObject({});
    return this.options.extend({
      adapter: z.enum(Object.keys(known)).describe(ADAPTER),
      options: own.prefault({}).describe("Options of the adapter"),
    });
  },
  positionals: ["adapter"],
  flat: ["options"],
  paths: ["from", "to"],
  details:
    "Pictures are found, checked and counted; what is left out is listed with its reason in skipped.jsonl.\nfer extract <adapter> --help shows the options of that dataset, fer datasets <adapter> its folder tree.\nAn adapter of your own is in the extract section of a config file; fer datasets <its name> --config <file> shows its options.",
  examples: ["fer extract ckplus --from CK+ --to data/ckplus", "fer extract folders --from faces --to data/faces"],
  entryFor(entries, words) {
    const names = entries.map(({ adapter }) => (isAdapter(adapter) ? adapter.name : adapter));
    const known = { ...adapters, ...Object.fromEntries(names.map((name) => [name, {} as DatasetAdapter])) };
    const wanted = adapterIn(words, known);
    if (wanted === undefined)
      return entries.length === 1 && words.every((word) => word.startsWith("-")) ? 0 : undefined;
    const index = names.indexOf(wanted);
    return index < 0 ? undefined : index;
  },
  target: ({ to }) => to,
  kept: () => "Finished images were kept: the same command goes on from there.",
  async run(options, { hooks, output, config, values }) {
    const adapter = values.adapter ?? knownAdapters(config)[options.adapter]!;
    const own = adapters[adapter.name] === adapter ? {} : { adapter };
    // what finds faces is loaded where it is asked for
    const finding = options.detect ? { detector: (await import("@fer/model")).faceDetectorModule } : {};
    const { info, status } = await extract(options, { ...hooks, ...own, ...finding });
    if (status === "unchanged") output.note("nothing to do: it was made from the same files with the same options");
    return { text: renderDataset(info, options.to), json: info, isKept: status === "unchanged" };
  },
});
