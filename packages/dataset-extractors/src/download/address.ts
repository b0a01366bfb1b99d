/**
 * Which network addresses a downloader may talk to. A list of URLs from the web can name hosts inside the user's own
 * network; none of these is ever connected to, also not after a redirect or through DNS (the check is made on the
 * address that the socket will use). What an address is for is said by the IANA special-purpose registries (RFC 6890), as
 * the library `ipaddr.js` keeps them.
 */
import ipaddr from "ipaddr.js";

/** All of IPv6 that is given out to the public so far (RFC 4291, IANA). */
const PUBLIC_IPV6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];
/** IPv4 behind the well-known prefix of NAT64 (RFC 6052); networks' own prefixes are their own. */
const NAT64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("64:ff9b::"), 96];

/**
 * Whether an IP address is on the public internet. One in which an IPv4 address is written as IPv6 (mapped, or for
 * NAT64) is judged by that address; the other ways to reach IPv4 through IPv6 (6to4, Teredo, SIIT) are not public.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // "1", "0x7f.1" and "010.0.0.1" are addresses to some, and not to others
  if (!address.includes(":") && !ipaddr.IPv4.isValidFourPartDecimal(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.range() === "unicast";
  const ipv6 = parsed as ipaddr.IPv6;
  if (ipv6.match(NAT64)) {
    const [high, low] = ipv6.parts.slice(-2) as [number, number];
    return isPublicAddress([high >> 8, high & 255, low >> 8, low & 255].join("."));
  }
  return ipv6.range() === "unicast" && ipv6.match(PUBLIC_IPV6);
}
