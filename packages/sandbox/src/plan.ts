import { sandboxFederation } from '@causeway/records/sandbox-identifier';
import type { NativeKind } from './natives/holdings.ts';

/** A member of a sandbox federation before it is admitted. */
export interface PlannedMember {
  id: string;
  role: 'consumer' | 'broker' | 'bureau' | 'lender';
  legalName: string;
  legalNameZh: string;
  /** Class of supervision: A licensed bank or bureau, B consumer finance, C micro-lender, D data source. */
  class: 'A' | 'B' | 'C' | 'D';
  /** The native system that holds a bureau's records; a bureau without one holds them itself. */
  speaks?: NativeKind;
}

/** A member that runs a service of its own. */
export type PlannedNode = PlannedMember & { role: Exclude<PlannedMember['role'], 'lender'> };

/** @throws RangeError for a lender, who runs no node */
export function asNode(member: PlannedMember): PlannedNode {
  const { role } = member;
  if (role === 'lender') throw new RangeError(`${member.id} is a lender and runs no node`);
  return { ...member, role };
}

/**
 * Ports of a local federation: identity provider +0, authority +100, consumer +200, broker +300, bureaus
 * +401..
 */
export interface Ports {
  identityProvider: number;
  public(member: string): number;
  federation(member: string): number;
  /** Where the n-th process of a member (from 1) listens where a proxy has the member's own ports. */
  behind(member: string, n: number): { public: number; federation: number };
}

/** Processes of one member at most. */
export const INSTANCES_MAX = 4;
/** Where the first one listens, above the member's own ports, and how far the next ones are apart. */
const BEHIND_OFFSET = 500;
const BEHIND_STEP = 25;
/** Federation listeners are this much above the public ones. */
const FEDERATION_OFFSET = 1000;
export const PORT_BASE_DEFAULT = 7000;
export const SANDBOX_FED = sandboxFederation;
/** The portal's client id at the sandbox's identity provider. */
export const IDENTITY_CLIENT = 'causeway-portal';
/** The client id of a member's console there. */
export const consoleClient = (member: string): string => `causeway-console-${member}`;

export const CONSUMER: PlannedMember = {
  id: 'consumer',
  role: 'consumer',
  legalName: 'Causeway Consumer Service',
  legalNameZh: '信息主体服务中心',
  class: 'A',
};

export const BROKER: PlannedMember = {
  id: 'broker',
  role: 'broker',
  legalName: 'Causeway Broker',
  legalNameZh: '征信信息交换平台',
  class: 'A',
};

/** Three invented bureaus: a central registry and two private ones. */
export const STORY_BUREAUS: PlannedMember[] = [
  { id: 'central', role: 'bureau', legalName: 'Central Registry', legalNameZh: '中央登记库', class: 'A' },
  { id: 'lotus', role: 'bureau', legalName: 'Lotus Credit', legalNameZh: '莲花征信', class: 'A' },
  { id: 'harbour', role: 'bureau', legalName: 'Harbour Data', legalNameZh: '港湾征信', class: 'B' },
];

/**
 * Four bureaus before native systems that somebody else owns, each played by the sandbox in the wire format
 * of the system that it is named after.
 */
const NATIVE_BUREAUS: PlannedMember[] = [
  {
    id: 'registry',
    role: 'bureau',
    legalName: 'PBOC-like Registry',
    legalNameZh: '征信中心（模拟）',
    class: 'A',
    speaks: 'ccrc',
  },
  {
    id: 'sesame',
    role: 'bureau',
    legalName: 'Sesame-like Credit',
    legalNameZh: '芝麻信用（模拟）',
    class: 'A',
    speaks: 'zhima',
  },
  {
    id: 'tencent',
    role: 'bureau',
    legalName: 'Tencent-like Credit',
    legalNameZh: '腾讯征信（模拟）',
    class: 'A',
    speaks: 'tencent',
  },
  {
    id: 'xiaomi',
    role: 'bureau',
    legalName: 'Xiaomi-like Credit',
    legalNameZh: '小米信用（模拟）',
    class: 'A',
    speaks: 'xiaomi',
  },
];

/** All seven: three that hold their records, four that ask for them. */
export const DEMO_BUREAUS: PlannedMember[] = [...STORY_BUREAUS, ...NATIVE_BUREAUS];

export const STORY_LENDERS: PlannedMember[] = [
  { id: 'abc-bank', role: 'lender', legalName: 'ABC Bank', legalNameZh: '安邦诚商业银行', class: 'A' },
  {
    id: 'evergreen',
    role: 'lender',
    legalName: 'Evergreen Finance',
    legalNameZh: '长青消费金融',
    class: 'B',
  },
];

/** What the sandbox's identity provider calls itself. */
export const issuerAt = ({ identityProvider }: Pick<Ports, 'identityProvider'>): string =>
  `http://localhost:${identityProvider}`;

export function portsOf(base: number, bureaus: readonly PlannedMember[]): Ports {
  const offset = (member: string): number => {
    const fixed: Record<string, number> = { authority: 100, consumer: 200, broker: 300 };
    const known = fixed[member];
    if (known !== undefined) return known;
    const index = bureaus.findIndex(({ id }) => id === member);
    if (index < 0) throw new RangeError(`${member} has no listener`);
    return 401 + index;
  };
  return {
    identityProvider: base,
    public: (member) => base + offset(member),
    federation: (member) => base + offset(member) + FEDERATION_OFFSET,
    behind: (member, n) => {
      if (n < 1 || n > INSTANCES_MAX) throw new RangeError(`a member has at most ${INSTANCES_MAX} processes`);
      const port = base + BEHIND_OFFSET + offset(member) + (n - 1) * BEHIND_STEP;
      return { public: port, federation: port + FEDERATION_OFFSET };
    },
  };
}
