import { getContainerRuntimeClient } from 'testcontainers';

/** Where the stores of a test run come from: containers, or programs on this machine. */
export type StoreSource = 'container' | 'program';

const probeMsMax = 5000;

/** Resolves where a container runtime answers, rejects where none does. */
const anyRuntime = async (): Promise<unknown> => await getContainerRuntimeClient();

/**
 * Containers where a runtime answers within seconds, else programs. The tests are the same.
 */
export async function storeSource(runtime: () => Promise<unknown> = anyRuntime): Promise<StoreSource> {
  const { promise: silence, resolve } = Promise.withResolvers<StoreSource>();
  const timer = setTimeout(() => resolve('program'), probeMsMax);
  try {
    const asked: Promise<StoreSource> = runtime().then(
      () => 'container',
      () => 'program',
    );
    return await Promise.race([asked, silence]);
  } finally {
    clearTimeout(timer);
  }
}
