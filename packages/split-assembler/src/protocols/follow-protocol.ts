/** Options by a protocol, and whether what was made of the data is what it is about. */
import { DatasetError, EXPRESSIONS, OptionsError } from "@fer/core";
import type { SetInfo } from "@fer/core/set";
import type { MergedFolders } from "../merge/merge.js";
import type { AssemblerOptions } from "../options.js";
import { distinctOf } from "../policies/split-item.js";
import type { Split } from "../split.js";
import type { Protocol } from "./protocol.js";
import { type ProtocolName, protocols } from "./protocols.js";

/** Fills in what the protocol fixes. @throws OptionsError where an option says otherwise */
export function withProtocol(options: AssemblerOptions, untouched: AssemblerOptions): AssemblerOptions {
  if (options.protocol === null) return options;
  const fixed: Record<string, unknown> = protocols[options.protocol].options;
  const given: Record<string, unknown> = options;
  const defaults: Record<string, unknown> = untouched;
  for (const [key, value] of Object.entries(fixed)) {
    if (given[key] === value || given[key] === defaults[key]) continue;
    throw new OptionsError({
      code: "FIXED_BY_PROTOCOL",
      subject: "assembler options",
      found: `${key} ${String(given[key])}`,
      expected: `${String(value)}, which the protocol ${options.protocol} fixes`,
      fix: "Leave it out, or do without the protocol",
    });
  }
  return { ...options, ...fixed };
}

/** Refuses data that the protocol is not about: another dataset, another extraction, parts that are absent. @throws DatasetError */
export function checkData({ infos, samples }: MergedFolders, name: ProtocolName): void {
  const protocol: Protocol = protocols[name];
  const bad = (found: string, expected: string): DatasetError => notTheProtocol(name, { found, expected });
  const [info, ...others] = infos;
  if (others.length > 0 || info!.adapter !== protocol.dataset)
    throw bad(`data of ${infos.map(({ adapter }) => adapter).join(", ")}`, `${protocol.dataset} alone`);
  for (const [key, value] of Object.entries(protocol.extraction ?? {})) {
    if (info!.options[key] !== value)
      throw bad(`it was extracted with ${key} ${String(info!.options[key])}`, `${key} ${String(value)}`);
  }
  const there = distinctOf(samples, ({ split }) => split);
  const absent = protocol.ownerParts.filter((part) => !there.has(part as never));
  if (absent.length > 0)
    throw bad(`no image of ${absent.join(", ")}`, `the owner's parts ${protocol.ownerParts.join(", ")}`);
  for (const target of protocol.needs ?? [])
    if (target === "votes" && distinctOf(samples, ({ hasVotes }) => hasVotes).has(false))
      throw bad("images without votes", "votes for every image");
}

/** Refuses a split in which a part lacks a class that the protocol reports on. @throws DatasetError */
export function checkSplit({ parts }: Pick<Split, "parts">, name: ProtocolName): void {
  const { options }: Protocol = protocols[name];
  if (options.allowMissing === true) return;
  for (const [part, { perClass }] of parts) {
    const missing = Object.keys(perClass).filter((expression) => perClass[expression] === 0);
    if (missing.length > 0)
      throw notTheProtocol(name, {
        found: `${part} has no image of ${missing.join(", ")}`,
        expected: "all of its classes in every part",
      });
  }
}

const notTheProtocol = (name: ProtocolName, what: { found: string; expected: string }): DatasetError =>
  new DatasetError({ code: "NOT_THE_PROTOCOL", subject: `protocol ${name}`, ...what });

/** What the set's description says of its protocol, and where its counts are not those of the owner. */
export function protocolInfo(name: ProtocolName, { parts, samples }: Split): NonNullable<SetInfo["protocol"]> {
  const { title, metric, paper, counts, people }: Protocol = protocols[name];
  const details: string[] = [];
  for (const [part, expected] of Object.entries(counts ?? {})) {
    const found = parts.get(part as never)?.perClass ?? {};
    const differing = expected.flatMap((count, label) => {
      const expression = EXPRESSIONS[label]!;
      return found[expression] === count ? [] : [`${expression} ${found[expression] ?? 0} instead of ${count}`];
    });
    if (differing.length > 0) details.push(`${part}: ${differing.join(", ")}`);
  }
  if (people !== undefined) {
    const found = distinctOf(samples, ({ group }) => group).size;
    if (found !== people) details.push(`${found} people instead of ${people}`);
  }
  const status = counts === null && people === undefined ? "unknown" : details.length === 0 ? "match" : "differs";
  return { name, title, metric, paper, status, details };
}
