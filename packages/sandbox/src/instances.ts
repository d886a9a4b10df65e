import type { Links } from './links.ts';
import type { PlannedNode, Ports } from './plan.ts';

/** One process of a member. */
export interface Instance {
  /** `broker`, `broker-2`, … */
  readonly name: string;
  readonly member: string;
  /** Where it listens. */
  readonly ports: { readonly public: number; readonly federation: number };
}

type Service = PlannedNode['role'] | 'authority';

/** How many processes each service has: the same number for all, or by service; one where nothing is said. */
export type Replicas = number | Partial<Record<Service, number>>;

export interface Spread {
  readonly ports: Ports;
  readonly links: Links;
  /** True where proxies stand before the members' listeners. */
  readonly proxied: boolean;
  readonly replicas: Replicas;
}

/**
 * The processes of a member. Without proxies it has one, on its own ports; else the member's ports are those
 * of a proxy, and its processes listen behind it.
 */
export async function instancesOf(member: string, service: Service, spread: Spread): Promise<Instance[]> {
  const { links, ports, proxied, replicas } = spread;
  const own = { public: ports.public(member), federation: ports.federation(member) };
  if (!proxied) return [{ name: member, member, ports: own }];
  const count = typeof replicas === 'number' ? replicas : (replicas[service] ?? 1);
  const instances = Array.from({ length: count }, (_, i) => ({
    name: i === 0 ? member : `${member}-${i + 1}`,
    member,
    ports: ports.behind(member, i + 1),
  }));
  for (const listener of ['public', 'federation'] as const) {
    const targets = instances.map((instance) => instance.ports[listener]);
    await links.listener(`${member}/${listener}`, own[listener], targets);
  }
  return instances;
}

/** True where some service has more than one process. */
export const anyReplicated = (replicas: Replicas): boolean =>
  (typeof replicas === 'number' ? [replicas] : Object.values(replicas)).some((count) => count > 1);
