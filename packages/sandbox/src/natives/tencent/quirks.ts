/** What the played system does differently from one reply to the next; switched while it runs. */
export interface TencentQuirks {
  /** Numbers in the place of strings, as QueryAntiFraud has it. */
  numbers: boolean;
  /** The data bare under `Response`, without `Data`, `Code` and risk values, as QueryAntiFraud has it. */
  bare: boolean;
  /** `RiskValue` for `RiskCodeValue`, as DescribeAntiFraud has it. */
  riskValue: boolean;
  /** -1 for every score of somebody who is found. */
  sentinels: boolean;
  /** null, "no valid value", for every score, risk value and time. */
  nulls: boolean;
  /** Fields of device and network that nobody asked for. */
  devices: boolean;
  /** camelCase, which the protocol never writes. */
  camelCase: boolean;
  /** Refuses everything with this code. */
  error: string | undefined;
  /** Members put over the data, to say what no holding says. */
  over: Readonly<Record<string, unknown>>;
}

export const noQuirks: Readonly<TencentQuirks> = {
  numbers: false,
  bare: false,
  riskValue: false,
  sentinels: false,
  nulls: false,
  devices: false,
  camelCase: false,
  error: undefined,
  over: {},
};

type Shape = Readonly<Record<string, unknown>>;

const device = {
  UserIp: '192.0.2.7',
  Imei: '000000000000000',
  Mac: '00-00-5E-00-53-01',
  WifiSSID: 'nobody',
  WifiBSSID: '00-00-5E-00-53-02',
  WifiMac: '00-00-5E-00-53-03',
};

/** The data as the quirks have it. */
export function disfigured(data: Shape, quirks: Readonly<TencentQuirks>): Shape {
  let out: Shape = data;
  if (quirks.sentinels) out = mapValues(out, /^(Risk|Model)?Score$/u, () => '-1');
  if (quirks.nulls) out = mapValues(out, /^(RiskScore|ModelScore|Score|RiskCodeValue|\w+Time)$/u, () => null);
  if (quirks.bare) out = bared(out);
  if (quirks.riskValue) out = renamed(out, (name) => (name === 'RiskCodeValue' ? 'RiskValue' : name));
  if (quirks.numbers) out = mapValues(out, /./u, (value) => numberOf(value));
  if (quirks.devices) out = { ...out, ...device };
  return { ...out, ...quirks.over };
}

function bared({ Code: _code, Message: _message, OtherModelScores: _others, ...rest }: Shape): Shape {
  const { RiskInfo: rows } = rest;
  if (!Array.isArray(rows)) return rest;
  return { ...rest, RiskInfo: (rows as Shape[]).map(({ RiskCode }) => ({ RiskCode })) };
}

function numberOf(value: unknown): unknown {
  return typeof value === 'string' && /^-?[0-9]{1,15}$/u.test(value) ? Number(value) : value;
}

/** Changes the values, at whatever depth, of members with such a name. */
function mapValues(shape: Shape, names: RegExp, change: (value: unknown) => unknown): Shape {
  return Object.fromEntries(
    Object.entries(shape).map(([name, value]) => {
      if (Array.isArray(value)) return [name, (value as Shape[]).map((row) => mapValues(row, names, change))];
      if (typeof value === 'object' && value !== null)
        return [name, mapValues(value as Shape, names, change)];
      return [name, names.test(name) ? change(value) : value];
    }),
  );
}

/** Renames members at whatever depth. */
export function renamed(shape: Shape, rename: (name: string) => string): Shape {
  const change = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(change);
    return typeof value === 'object' && value !== null ? renamed(value as Shape, rename) : value;
  };
  return Object.fromEntries(Object.entries(shape).map(([name, value]) => [rename(name), change(value)]));
}
