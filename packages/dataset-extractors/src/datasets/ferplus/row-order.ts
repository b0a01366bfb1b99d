/**
 * The fingerprint of the owners' order of rows. A whole `fer2013.csv` and a whole `fer2013new.csv` have 35,887 rows each;
 * where the pictures of known rows lie in other rows, or the names of the votes come in another order, the files are not
 * in the owners' order, and a join by position would give every row to another picture.
 *
 * The pictures are 64 of the rows 0 to 32,297 (Training and PublicTest), each of which occurs once in them.
 */
import { createHash } from "node:crypto";

/** Rows of a whole file. */
const WHOLE = 35_887;

/** Row (the first is 0), and the first 8 hex digits of the sha256 of its 2,304 pixels. */
const KNOWN = parse(`
  252:2932c0d5 757:b9021382 1262:a178e9e3 1766:107b3489 2271:24faa4c4 2776:1ed9eb88 3280:6e0eef14 3785:86f72bf5
  4290:9b35e13e 4794:57d97cea 5299:09ce77de 5804:3f2cb3a3 6308:f99d423c 6813:dcf711f7 7318:3d181ed0 7822:545139ab
  8327:11232897 8831:9bc3408e 9336:af088847 9841:3632e4e7 10345:c3eed2a0 10850:38569403 11355:d46eeb21
  11859:3bf130c9 12365:423f1184 12869:ce04217b 13373:c17757a2 13878:1d41d703 14383:8a49467e 14887:ea459d40
  15392:c691e9cd 15897:8962c672 16401:2fbc60cf 16906:0e4b23a5 17411:bd66553d 17915:09268998 18420:eab03bae
  18925:d9021184 19429:413c474b 19934:1c8324cb 20439:6eac1751 20943:f0a22dda 21447:3993e65e 21953:c21e3dda
  22457:12333002 22962:2bf06313 23467:304eb67e 23971:4afc8f2c 24476:8f5aa0f9 24980:f2fdfa0f 25486:0ad80d59
  25990:b68ceb9f 26494:7c52ca38 27000:f9325309 27504:d1ab4a41 28008:7813815f 28513:52178cdb 29018:2d7074f9
  29522:021ae172 30027:65adf414 30532:8ab8d15c 31036:dd5d0b59 31541:1cab1fd1 32046:6dff0e56
`);

/** sha256 of the lines `<Usage>,<Image name>` of `fer2013new.csv`, each with a newline. */
const NAMES = "6ffd658dfe0d1ad02428ee61817eb777a92a7b8f071e40ea02656f7f33ea5d97";

function parse(text: string): ReadonlyMap<number, string> {
  return new Map(
    text
      .trim()
      .split(/\s+/)
      .map((pair) => [Number(pair.split(":")[0]), pair.split(":")[1]!]),
  );
}

/** Compares rows with the fingerprint as they come. */
export class RowOrder {
  /** Row of another place where a known picture was first seen, by its hash. */
  readonly #elsewhere = new Map<string, number>();
  /** Known pictures that have not been in their place so far. */
  readonly #missing = new Map<string, number>([...KNOWN].map(([row, hash]) => [hash, row]));
  readonly #names = createHash("sha256");
  #rows = 0;

  /** @param picture hash of the pixels (16 hex digits), or `undefined` where they are damaged */
  add(picture: string | undefined, { usage, name }: { usage: string; name: string }): void {
    const hash = picture?.slice(0, 8) ?? "";
    if (KNOWN.get(this.#rows) === hash) this.#missing.delete(hash);
    else if (this.#missing.has(hash) && !this.#elsewhere.has(hash)) this.#elsewhere.set(hash, this.#rows);
    this.#names.update(`${usage.trim()},${name.trim()}\n`);
    this.#rows += 1;
  }

  /** What shows that the rows of the pictures, or of the votes, are not in their owners' order. */
  finish(): { file: "pictures" | "votes"; found: string } | undefined {
    if (this.#rows !== WHOLE) return undefined;
    for (const [hash, row] of this.#missing) {
      const at = this.#elsewhere.get(hash);
      if (at !== undefined) return { file: "pictures", found: `the picture of row ${row + 1} is in row ${at + 1}` };
    }
    if (this.#names.digest("hex") === NAMES) return undefined;
    return { file: "votes", found: "its image names are not those of the authors, or in another order" };
  }
}
