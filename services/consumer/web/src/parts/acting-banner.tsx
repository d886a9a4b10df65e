import { Alert, Button } from '@mantine/core';
import { actFor, actingFor } from '../acting.ts';
import { useWords } from '../language.tsx';

/** Above every page as long as this tab acts for somebody else, with the way back. */
export function ActingBanner() {
  const { t } = useWords();
  const whom = actingFor();
  if (whom === undefined) return null;
  return (
    <Alert role="status" color="orange" my="xs" title={t('acting_as', { name: whom.name })}>
      <Button variant="default" onClick={() => actFor(undefined)}>
        {t('acting_end')}
      </Button>
    </Alert>
  );
}
