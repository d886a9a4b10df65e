import { Button, Card, Text } from '@mantine/core';
import { actFor, actingFor } from '../acting.ts';
import { useWords } from '../language.tsx';

/** Above every page as long as this tab acts for somebody else, with the way back. */
export function ActingBanner() {
  const { t } = useWords();
  const whom = actingFor();
  if (whom === undefined) return null;
  return (
    <Card className="acting" role="status" withBorder my="xs" padding="sm">
      <Text fw={700} mb="xs">
        {t('acting_as', { name: whom.name })}
      </Text>
      <Button variant="default" onClick={() => actFor(undefined)}>
        {t('acting_end')}
      </Button>
    </Card>
  );
}
