/** What decides an artifact, as JSON: two artifacts of one identity have the same bytes. */

/** Options, fingerprints of inputs, versions of formats: whatever decides the bytes. JSON values only. */
export type Identity = Readonly<Record<string, unknown>>;

/** One value in which two identities differ. */
export interface Difference {
  /** Path of the key, e.g. `options.epochs`. */
  key: string;
  /** In the artifact that is there; `undefined` where it has no such key. */
  found: unknown;
  /** As asked for now. */
  wanted: unknown;
}

/** JSON with sorted keys: the same text for the same value. Keys that are `undefined` are left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

/** Where two identities differ, key by key; none where they are the same. Lists are compared as a whole. */
export function differences(found: unknown, wanted: unknown): Difference[] {
  if (canonicalJson(found) === canonicalJson(wanted)) return [];
  if (!isRecord(found) || !isRecord(wanted)) return [{ key: "", found, wanted }];
  const keys = [...new Set([...Object.keys(found), ...Object.keys(wanted)])].sort();
  return keys.flatMap((parent) =>
    differences(found[parent], wanted[parent]).map((each) => ({
      key: each.key === "" ? parent : `${parent}.${each.key}`,
      found: each.found,
      wanted: each.wanted,
    })),
  );
}

/** The differences in words: `epochs 60 there, 100 asked for; seed 1 there, 2 asked for`. */
export function describeDifferences(list: readonly Difference[]): string {
  const shown = list
    .slice(0, MOST_SHOWN)
    .map(
      ({ key, found, wanted }) => `${key.replace(/^options\./, "")} ${short(found)} there, ${short(wanted)} asked for`,
    );
  const more = list.length - shown.length;
  return `${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

const MOST_SHOWN = 6;
const MOST_CHARACTERS = 60;

function short(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 3)}...` : text;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
