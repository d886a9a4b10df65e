import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';

/** Everything of IPv4 that is not the public network (IANA special-purpose registry), and multicast. */
const refused4 = new BlockList();
for (const [net, bits] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
  ] as const),
  ...([
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
  ] as const),
  ...([
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
]) {
  refused4.addSubnet(net, bits, 'ipv4');
}
/** Of IPv6 the public network is one block; within it these lead elsewhere, or to an IPv4 address. */
const public6 = new BlockList();
public6.addSubnet('2000::', 3, 'ipv6');
const refused6 = new BlockList();
for (const [net, bits] of [
  ...([
    ['2001::', 23],
    ['2001:db8::', 32],
    ['2002::', 16],
    ['3fff::', 20],
  ] as const),
]) {
  refused6.addSubnet(net, bits, 'ipv6');
}

/** True where no connection may be made to this address, given as text; loopback only where it is allowed. */
export function refusesAddress(address: string, loopback: boolean): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  if (loopback && (address === '::1' || address.startsWith('127.'))) return false;
  if (family === 4) return refused4.check(address, 'ipv4');
  return !public6.check(address, 'ipv6') || refused6.check(address, 'ipv6');
}

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Resolves a name for one connection, and refuses all of it where any of its addresses is not public: what
 * was looked at is what is connected to, whatever the name says a moment later.
 */
export const guardedLookup =
  (loopback: boolean) =>
  (hostname: string, options: LookupOptions, found: Found): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return found(error, []);
      const [first] = addresses;
      if (first === undefined || addresses.some(({ address }) => refusesAddress(address, loopback))) {
        return found(new Error('the name leads to an address that is not public'), []);
      }
      if (options.all === true) return found(null, addresses);
      return found(null, first.address, first.family);
    });
  };
