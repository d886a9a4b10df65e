import { fileURLToPath } from 'node:url';
import { limits } from '@causeway/kernel';
import { epochSchema, exact } from '@causeway/protocol/claim-types';
import { Type } from 'typebox';
import { type ChildOptions, startChild } from '../processes/child.ts';
import { readMessage } from '../processes/serve.ts';

export const evaluatorConfiguration = exact({ dir: Type.String() });

/** Blinded or evaluated elements, base64url: as many as identifiers in a batch, and the canary. */
const elements = Type.Array(Type.String(), { maxItems: limits.blindBatchMax + 1 });
export const evaluation = exact({ epoch: epochSchema, blinded: elements });

/** The HTTP process's hold on the blind evaluator, the only process that holds the OPRF keys. */
export interface BlindEvaluator {
  /** @throws CausewayError `bad_request` for what is no element or epoch, `unavailable` */
  evaluate(epoch: string, blinded: readonly string[]): Promise<string[]>;
  alive(): boolean;
  stop(): void;
}

export async function startBlindEvaluator(
  dir: string,
  options: Pick<ChildOptions, 'log'>,
): Promise<BlindEvaluator> {
  const script = fileURLToPath(new URL('../blind-evaluator.ts', import.meta.url));
  const child = await startChild({
    name: 'blind-evaluator',
    script,
    configure: { dir },
    log: options.log,
  });
  return {
    evaluate: async (epoch, blinded) => readMessage(elements, await child.ask({ epoch, blinded })),
    alive: () => child.alive(),
    stop: () => child.stop(),
  };
}
