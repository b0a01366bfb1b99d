// Doubles the numbers of a batch in a thread; "fail" fails.
export default function double(batch) {
  if (batch.includes("fail")) throw new Error("as asked");
  return batch.map((n) => 2 * n);
}
