/**
 * Ids out of the owner's names where the owner used a name twice. The first item keeps the name; later ones get what
 * tells them apart, so that ids stay the same whatever else is in the folder.
 */

/** Hands out ids that are unique within a split, also on file systems that do not tell upper from lower case. */
export class UniqueIds {
  readonly #taken = new Map<string, Set<string>>();

  /**
   * `id`, or `<id>~<distinction>` where the split has it already.
   *
   * @param distinction What the owner tells the two apart by: a row number, an extension.
   */
  take(split: string, id: string, distinction: string): string {
    const taken = this.#taken.get(split) ?? new Set<string>();
    this.#taken.set(split, taken);
    let result = id;
    for (let n = 1; taken.has(result.toLowerCase()); n++) result = `${id}~${distinction}${n > 1 ? `~${n}` : ""}`;
    taken.add(result.toLowerCase());
    return result;
  }
}
