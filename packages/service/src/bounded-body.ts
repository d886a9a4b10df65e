import { PeerFailure } from './peer-failure.ts';

/**
 * Reads an answer up to `bytesMax` bytes and no further.
 * @throws PeerFailure kind `answer` when there is more
 */
export async function readBounded(body: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > bytesMax) throw new PeerFailure('answer');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
