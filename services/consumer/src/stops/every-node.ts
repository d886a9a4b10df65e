import { CausewayError } from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';

/** Every broker and bureau of the directory, suspended ones too; undefined without a directory in force. */
export function everyNode({ directory }: Pick<Consumer, 'directory'>): string[] | undefined {
  try {
    const view = directory();
    const nodes = [...view.membersWith('broker'), ...view.membersWith('bureau')];
    return [...new Set(nodes.map(({ id }) => id))].toSorted();
  } catch (error) {
    if (error instanceof CausewayError && error.code === 'not_ready') return undefined;
    throw error;
  }
}
