/**
 * Command-line flags derived from a zod options schema, through its JSON Schema: one declaration gives types, checks,
 * config file, flags and help.
 *
 *     epochs: z.number().int()          --epochs <n>
 *     shuffle: z.boolean()              --shuffle, --no-shuffle
 *     classes: z.array(z.string())      --classes a,b   (or the flag several times)
 *     map: z.record(...)                --map 0=neutral,1=anger
 *     augment: z.strictObject({ flip }) --augment-flip
 *     a union told apart by `name`      --optimizer sgd --optimizer-momentum 0.9
 *
 * Every key gets a flag: one that fits none of these shapes is an error when the flags are made, not when somebody
 * needs it.
 */
import { z } from "zod";

/** What a flag's text is turned into. `off` takes no text and stands for `null`. */
export type FlagKind = "boolean" | "number" | "text" | "path" | "choice" | "mixed" | "list" | "record" | "off";

/** One flag of a command. */
export interface Flag {
  /** Keys from the root of the options to the value. */
  path: readonly string[];
  /** Name without dashes, kebab-case: `augment-flip`. */
  name: string;
  kind: FlagKind;
  /** From `.describe()`. Empty when the schema has none, which a test forbids. */
  description: string;
  /** Value when neither flag nor config file gives one; `undefined` when there is none. */
  default: unknown;
  /** Values that are accepted, where the list is closed (or the named ones of a `mixed` flag). */
  choices: readonly (string | number)[];
  /** Whether `none` stands for `null`. */
  nullable: boolean;
  /** Items of a list or values of a record are numbers. */
  numeric: boolean;
  /** A list whose place a single value may take, which is something else then than a list of one. */
  bare: boolean;
  /** The value tells apart the members of a union; its siblings belong to one member each. */
  discriminator: boolean;
  /** Heading in the help; `null` for the plain options. */
  group: string | null;
  required: boolean;
}

/** The parts of a JSON Schema that are read here. */
interface Node {
  type?: string | string[];
  properties?: Record<string, Node>;
  required?: string[];
  enum?: (string | number)[];
  const?: string | number | null;
  anyOf?: Node[];
  oneOf?: Node[];
  items?: Node;
  additionalProperties?: Node | boolean;
  default?: unknown;
  description?: string;
}

/** `labelSmoothing` -> `label-smoothing`. */
function kebab(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
}

/**
 * The flags of an options schema, in the order of its keys. Flags of the keys in `flat` carry no prefix;
 * those in `paths` are files or folders.
 *
 * @example
 * ```ts
 * import { z } from "zod";
 * import { flagsFrom } from "./flags.js";
 *
 * const Options = z.strictObject({ epochs: z.number().int().default(100).describe("Passes over the training part") });
 * console.log(flagsFrom(Options).map(({ name }) => name)); // [ 'epochs' ]
 * ```
 */
export function flagsFrom(schema: z.ZodObject, { flat = [], paths = [] }: FlagSettings = {}): Flag[] {
  const root = z.toJSONSchema(schema, { io: "input" }) as Node;
  return flagsOf(root, { path: [], flat, paths, group: null });
}

/** Keys whose flags are not like others. */
export interface FlagSettings {
  flat?: readonly string[] | undefined;
  paths?: readonly string[] | undefined;
}

/** Where in the schema a flag stands. */
interface Place {
  path: readonly string[];
  flat: readonly string[];
  paths: readonly string[];
  group: string | null;
}

function flagsOf(node: Node, place: Place): Flag[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const required = (node.required ?? []).includes(key) && child.default === undefined;
    return flagsOfKey(child, { ...place, path: [...place.path, key], required });
  });
}

function flagsOfKey(child: Node, place: Place & { required: boolean }): Flag[] {
  const { path, flat, paths, group, required } = place;
  const { node, nullable } = withoutNull(child);
  const description = child.description ?? node.description ?? "";
  const name = (flat.includes(path[0]!) ? path.slice(1) : path).map(kebab).join("-");
  const plain = { path, name, description, default: child.default, nullable, group, required, choices: [] };
  const flag = (kind: FlagKind, more: Partial<Flag> = {}): Flag => ({
    ...plain,
    kind,
    numeric: false,
    bare: false,
    discriminator: false,
    ...more,
  });

  const members = node.oneOf ?? (node.anyOf?.every((member) => member.properties) ? node.anyOf : undefined);
  if (members) return flagsOfUnion(child, { members, flag, place });
  if (node.properties) {
    const off = nullable ? [flag("off", { description: `Turn off: ${description}`, default: undefined })] : [];
    const under = { ...place, group: flat.includes(path.join(".")) ? group : heading(path, description) };
    return [...off, ...flagsOf(withDefaults(node, child.default), under)];
  }
  const choices = node.enum ?? (node.const === undefined || node.const === null ? undefined : [node.const]);
  if (choices) return [flag("choice", { choices })];
  if (node.type === "boolean") return [flag("boolean")];
  if (node.type === "number" || node.type === "integer") return [flag("number")];
  if (node.type === "string") return [flag(paths.includes(path.join(".")) ? "path" : "text")];
  const list = node.anyOf?.find(({ type }) => type === "array");
  if (list !== undefined) return [flag("list", { numeric: isNumeric(list.items), bare: true })];
  if (node.anyOf) {
    const named = node.anyOf.flatMap((member) => member.enum ?? (member.const == null ? [] : [member.const]));
    return [flag("mixed", { choices: named })];
  }
  if (node.type === "array") return [flag("list", { numeric: isNumeric(node.items), choices: node.items?.enum ?? [] })];
  if (node.type === "object" && typeof node.additionalProperties === "object") {
    const values = node.additionalProperties;
    return [flag("record", { numeric: isNumeric(values), choices: values.enum ?? [] })];
  }
  throw new TypeError(`no flag can be made for "${path.join(".")}": give it a simpler schema`);
}

interface UnionFlags {
  members: readonly Node[];
  place: Place;
  /** A flag of the whole union. */
  flag(kind: FlagKind, more?: Partial<Flag>): Flag;
}

function flagsOfUnion(child: Node, { members, flag, place }: UnionFlags): Flag[] {
  const keys = Object.keys(members[0]?.properties ?? {});
  const tag = keys.find((key) => members.every((member) => member.properties?.[key]?.const !== undefined));
  const { path, description } = flag("choice");
  if (tag === undefined) throw new TypeError(`no flag can be made for "${path.join(".")}": its members share no tag`);
  const defaults = child.default as Record<string, unknown> | undefined;
  const names = members.map((member) => member.properties?.[tag]?.const as string);
  const tagFlag = flag("choice", {
    path: [...path, tag],
    default: defaults?.[tag],
    choices: names,
    discriminator: true,
  });
  const seen = new Map<string, Flag>();
  for (const [index, member] of members.entries()) {
    const { [tag]: _tag, ...properties } = member.properties ?? {};
    const own = defaults?.[tag] === names[index] ? defaults : undefined;
    const node = withDefaults({ properties }, own);
    for (const each of flagsOf(node, { ...place, group: heading(path, description) })) {
      const before = seen.get(each.name);
      if (before === undefined) seen.set(each.name, { ...each, description: `${each.description} (${names[index]})` });
      else seen.set(each.name, { ...before, description: before.description.replace(/\)$/, `, ${names[index]})`) });
    }
  }
  return [tagFlag, ...seen.values()];
}

/** Children of an object that has a default take their own default from it. */
function withDefaults(node: Node, defaults: unknown): Node {
  if (typeof defaults !== "object" || defaults === null) return node;
  const properties = Object.entries(node.properties ?? {}).map(([key, child]) => {
    const value = (defaults as Record<string, unknown>)[key];
    return [key, value === undefined ? child : { ...child, default: value }] as const;
  });
  return { ...node, properties: Object.fromEntries(properties) };
}

function withoutNull(child: Node): { node: Node; nullable: boolean } {
  if (Array.isArray(child.type) && child.type.includes("null")) {
    const types = child.type.filter((type) => type !== "null");
    return { node: { ...child, type: types.length === 1 ? types[0]! : types }, nullable: true };
  }
  const members = child.anyOf;
  if (!members?.some((member) => member.type === "null")) return { node: child, nullable: false };
  const rest = members.filter((member) => member.type !== "null");
  return { node: rest.length === 1 ? rest[0]! : { ...child, anyOf: rest }, nullable: true };
}

function heading(path: readonly string[], description: string): string {
  const name = path.map((key) => kebab(key).replaceAll("-", " ")).join(" ");
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return description === "" ? title : `${title} (${description.charAt(0).toLowerCase()}${description.slice(1)})`;
}

const isNumeric = (node: Node | undefined): boolean => node?.type === "number" || node?.type === "integer";
