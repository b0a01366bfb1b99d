/** `fer datasets [name]`: what can be read, and how to get it. */
import { unknownName } from "@fer/core";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { knownAdapters } from "../config/own-adapters.js";
import { adapterJson, renderAdapter, renderAdapters } from "../render/adapters.js";

export const DatasetsOptions = z.strictObject({
  name: z.string().optional().describe("Dataset to tell all about: folder tree, options, citation"),
});

export default defineCommand({
  options: DatasetsOptions,
  positionals: ["name"],
  examples: ["fer datasets", "fer datasets ckplus", "fer datasets mine --config fer.config.ts"],
  async run({ name }, { config }) {
    const adapters = knownAdapters(config);
    const all = Object.values(adapters);
    if (name === undefined) return { text: renderAdapters(all), json: all.map(adapterJson) };
    const adapter = adapters[name];
    if (adapter === undefined) throw unknownName(name, { what: "dataset", names: Object.keys(adapters) });
    return { text: renderAdapter(adapter), json: adapterJson(adapter) };
  },
});
