import { Title } from '@mantine/core';
import { lazy } from 'react';
import { useWords } from '../language.tsx';
import { Channels } from '../parts/channels.tsx';
import { Mandates } from '../parts/mandates.tsx';
import { Passkeys } from '../parts/passkeys.tsx';
import { Reminders } from '../parts/reminders.tsx';

/** Loaded when it is wanted: most people look at it once, or never. */
const Erasure = lazy(async () => ({ default: (await import('../parts/erasure.tsx')).Erasure }));

/** What the person has set up here (ux C8). */
export function Settings() {
  const { t } = useWords();
  return (
    <>
      <Title order={2} my="sm">
        {t('settings')}
      </Title>
      <Passkeys />
      <Channels />
      <Reminders />
      <Mandates />
      <Erasure />
    </>
  );
}
