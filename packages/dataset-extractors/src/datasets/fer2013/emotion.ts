import { type Meaning, meaningOf } from "../../readers/codes.js";
import { CODES } from "./constants.js";

/** What a cell of the column `emotion` means. @throws FormatError for what is no code of the owner's */
export const emotionOf = (cell: string, source: string): Meaning =>
  meaningOf({
    source,
    what: "emotion",
    cell,
    table: (code) => (/^\d$/.test(code) ? CODES[Number(code)] : undefined),
    expected: "0 to 6",
  });
