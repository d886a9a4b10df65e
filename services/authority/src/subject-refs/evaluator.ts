import { fileURLToPath } from 'node:url';
import { exact } from '@causeway/protocol/claim-types';
import { Type } from 'typebox';
import { type ChildOptions, startChild } from '../processes/child.ts';
import { readMessage } from '../processes/serve.ts';

export const evaluatorConfiguration = exact({ keyFile: Type.String() });

/** Blinded or evaluated elements, base64url. */
export const elements = Type.Array(Type.String(), { maxItems: 500 });

/** The HTTP process's hold on the blind evaluator, the only process that holds the OPRF key. */
export interface BlindEvaluator {
  /** @throws CausewayError `bad_request` for what is no element of the group, `unavailable` */
  evaluate(blinded: readonly string[]): Promise<string[]>;
  alive(): boolean;
  stop(): void;
}

export async function startBlindEvaluator(
  keyFile: string,
  options: Pick<ChildOptions, 'log'>,
): Promise<BlindEvaluator> {
  const script = fileURLToPath(new URL('../blind-evaluator.ts', import.meta.url));
  const child = await startChild({
    name: 'blind-evaluator',
    script,
    configure: { keyFile },
    log: options.log,
  });
  return {
    evaluate: async (blinded) => readMessage(elements, await child.ask(blinded)),
    alive: () => child.alive(),
    stop: () => child.stop(),
  };
}
