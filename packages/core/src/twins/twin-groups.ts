/** Positions that share a key, in the order in which their keys first come; keys that come once are left out. */
export function twinGroups(keys: Iterable<string>): number[][] {
  const byKey = new Map<string, number[]>();
  let position = 0;
  for (const key of keys) {
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [position]);
    else known.push(position);
    position += 1;
  }
  return [...byKey.values()].filter((group) => group.length > 1);
}

/** Groups (of positions) in which more than one label stands. */
export function conflicting<T>(groups: readonly number[][], labelOf: (position: number) => T): number[][] {
  return groups.filter((group) => new Set(group.map(labelOf)).size > 1);
}
