import { VisuallyHidden } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useWords } from '../language.tsx';

/** What is read anew when something of this kind has happened. */
const readAnew = {
  access: ['accesses', 'last-access'],
  request: ['requests'],
  consent: ['consents', 'receipts'],
  freeze: ['freezes', 'fraud-alerts', 'receipts'],
  dispute: ['disputes'],
  passkey: ['passkeys'],
  mandate: ['mandates'],
  acknowledgement: ['freezes', 'receipts'],
} as const;

const kinds = Object.keys(readAnew) as (keyof typeof readAnew)[];
const againMs = 5000;

/**
 * Follows what happens to the person while the page is seen: what changed is read anew at once, and a look is
 * told to who listens to the page. Where the stream is refused, the pages go on asking by themselves.
 */
export function Live() {
  const { t } = useWords();
  const client = useQueryClient();
  const [looks, setLooks] = useState(0);
  useEffect(() => {
    const read = (names: readonly string[]): void => {
      for (const name of names) void client.invalidateQueries({ queryKey: [name] });
    };
    return whileSeen(() => {
      const source = new EventSource('/v1/events');
      // What came between the first reading and the stream, or while it was away.
      source.addEventListener('open', () => read(kinds.flatMap((kind) => readAnew[kind])));
      for (const kind of kinds) source.addEventListener(kind, () => read(readAnew[kind]));
      source.addEventListener('access', () => setLooks((count) => count + 1));
      return source;
    });
  }, [client]);
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {looks > 0 ? t('liveLooks', { count: looks }) : ''}
    </VisuallyHidden>
  );
}

/** Keeps a stream open while the page is seen: a browser has few connections, and hidden pages need none. */
function whileSeen(open: () => EventSource): () => void {
  let source: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const close = (): void => {
    clearTimeout(again);
    source?.close();
    source = undefined;
  };
  const look = (): void => {
    close();
    if (document.visibilityState === 'hidden') return;
    source = open();
    source.addEventListener('error', ({ target }) => {
      // A refusal ends an EventSource for good; a lost connection does not.
      if (target instanceof EventSource && target.readyState === EventSource.CLOSED) {
        again = setTimeout(look, againMs);
      }
    });
  };
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    close();
  };
}
