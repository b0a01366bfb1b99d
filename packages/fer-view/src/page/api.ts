/** Asks the server. Addresses are relative: the word that lets in stands before them. */
import { useEffect, useState } from "preact/hooks";
import type { Refusal } from "../protocol.js";

/** Values of a query; lists stand several times. */
export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

/** An address with its query. */
export function addressOf(route: string, query: Query = {}): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value == null) continue;
    for (const each of Array.isArray(value) ? (value as readonly string[]) : [value]) words.append(name, String(each));
  }
  const text = words.toString();
  return text === "" ? route : `${route}?${text}`;
}

/** JSON of an answer. @throws Error with what the server says where it refuses */
export async function ask<T>(address: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(address, init).catch(() => {
    throw new Error("The server does not answer: fer view has ended, or restarts");
  });
  const json = (await answer.json().catch(() => null)) as T | Refusal | null;
  if (answer.ok && json !== null) return json as T;
  throw new Error((json as Refusal | null)?.error.message ?? `The server answers with ${answer.status}`);
}

/** An answer that is waited for, has come, or does not come. */
export type Answer<T> = { state: "waiting" } | { state: "failed"; message: string } | { state: "here"; value: T };

/** What stands at an address; asks again where the address becomes another one. `null` asks nothing. */
export function useAnswer<T>(address: string | null): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ state: "waiting" });
  useEffect(() => {
    if (address === null) return;
    const controller = new AbortController();
    setAnswer({ state: "waiting" });
    ask<T>(address, { signal: controller.signal }).then(
      (value) => !controller.signal.aborted && setAnswer({ state: "here", value }),
      (error: Error) => !controller.signal.aborted && setAnswer({ state: "failed", message: error.message }),
    );
    return () => controller.abort();
  }, [address]);
  return answer;
}
