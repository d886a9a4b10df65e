import { Title } from '@mantine/core';
import { useWords } from '../language.tsx';
import { Channels } from '../parts/channels.tsx';
import { Mandates } from '../parts/mandates.tsx';
import { Passkeys } from '../parts/passkeys.tsx';
import { Reminders } from '../parts/reminders.tsx';

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
    </>
  );
}
