import type { Federation } from '@causeway/sandbox/federation';
import { ServiceProcess } from '@causeway/sandbox/service-process';

/**
 * Starts another process of the same broker: its own ports; the same database, queue and keys; `settings`
 * replace its others.
 */
export async function startSecondBroker(
  federation: Federation,
  [publicPort, federationPort]: [publicPort: number, federationPort: number],
  settings: Record<string, string> = {},
): Promise<ServiceProcess> {
  const { program } = federation.process('broker');
  const env = {
    ...program.env,
    CAUSEWAY_PUBLIC_PORT: String(publicPort),
    CAUSEWAY_FEDERATION_PORT: String(federationPort),
    CAUSEWAY_PUBLIC_URL: `http://localhost:${publicPort}`,
    ...settings,
  };
  const second = new ServiceProcess(federation.home, { ...program, name: 'broker-2', env });
  await second.start();
  return second;
}
