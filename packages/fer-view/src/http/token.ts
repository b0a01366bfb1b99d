/** The word in the address of the page: the first folder of every path. Who has it may look, others may not. */
import { createHash, timingSafeEqual } from "node:crypto";

/** Where a path without the word leads: no route has it. */
export const REFUSED = "/refused";

/** Takes the word out of the path of a request; {@link REFUSED} where it is another. */
export function withoutToken(url: string, token: string): string {
  const [, word = "", rest = ""] = /^\/([^/?#]*)(.*)$/s.exec(url) ?? [];
  // Of digests, so that neither length nor content is told by the time it takes.
  if (!timingSafeEqual(digest(word), digest(token))) return REFUSED;
  return rest.startsWith("/") ? rest : `/${rest}`;
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
