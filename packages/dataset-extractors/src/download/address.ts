/**
 * Which network addresses a downloader may talk to. A list of URLs from the web can name hosts inside the user's own
 * network; none of these is ever connected to, also not after a redirect or through DNS (the check is made on the
 * address that the socket will use). IANA special-purpose registries, RFC 6890.
 */
import { BlockList, isIP, isIPv6 } from "node:net";

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["::", 128],
  ["::1", 128],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001:db8::", 32],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv6");
}
// IPv4 addresses written as IPv6 (mapped, or through NAT64 and 6to4) are judged by the IPv4 address within
const EMBEDDED = /^(?:::ffff:|64:ff9b::)/i;

/** Whether an IP address is on the public internet. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  if (!isIPv6(address)) return !PRIVATE.check(address, "ipv4");
  const embedded = EMBEDDED.test(address) ? ipv4Within(address.replace(EMBEDDED, "")) : undefined;
  if (embedded !== undefined) return !PRIVATE.check(embedded, "ipv4");
  if (address.startsWith("2002:")) return false;
  return !PRIVATE.check(address, "ipv6");
}

/** The dotted form of the last 32 bits, written dotted or as two groups of hex digits. */
function ipv4Within(tail: string): string | undefined {
  if (isIP(tail) === 4) return tail;
  const groups = tail.split(":");
  if (groups.length > 2 || groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const [high, low] =
    groups.length === 2 ? groups.map((group) => Number.parseInt(group, 16)) : [0, Number.parseInt(groups[0]!, 16)];
  return [high! >> 8, high! & 255, low! >> 8, low! & 255].join(".");
}
