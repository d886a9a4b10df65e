import { fileURLToPath } from 'node:url';
import { digestSchema, exact, memberIdSchema } from '@causeway/protocol/claim-types';
import { type Static, Type } from 'typebox';
import { type Child, type ChildOptions, startChild } from '../processes/child.ts';
import { readMessage } from '../processes/serve.ts';

/** How the directory signer is started. It reads its keys itself; the starter only knows where they lie. */
export const signerConfiguration = exact({
  /** The keys directory, for the root files. */
  dir: Type.String(),
  anchor: digestSchema,
  databaseUrl: Type.String(),
  member: memberIdSchema,
  fed: Type.String(),
  policy: exact({ version: Type.String(), digest: digestSchema }),
  logLevel: Type.String(),
});

const published = exact({ version: Type.Integer({ minimum: 1 }) });

/** The HTTP process's hold on the directory signer: it can ask for a new head, never for a particular one. */
export interface DirectorySigner {
  /**
   * The version that vouches for everything committed before the call. @throws CausewayError `unavailable`
   */
  publish(): Promise<number>;
  alive(): boolean;
  stop(): void;
}

export async function startDirectorySigner(
  configuration: Static<typeof signerConfiguration>,
  options: Pick<ChildOptions, 'log'>,
): Promise<DirectorySigner> {
  const script = fileURLToPath(new URL('../directory-signer.ts', import.meta.url));
  const child: Child = await startChild({
    name: 'directory-signer',
    script,
    configure: configuration,
    log: options.log,
  });
  return {
    publish: async () => readMessage(published, await child.ask('publish')).version,
    alive: () => child.alive(),
    stop: () => child.stop(),
  };
}
