import { Anchor, Card, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api } from '../api.ts';
import { useWords } from '../language.tsx';
import { AccessLine } from '../parts/access-line.tsx';
import { Loaded } from '../parts/loaded.tsx';

/** What needs the person, whether they are frozen, and who looked last (ux C1). */
export function Home() {
  const { t, time } = useWords();
  const requests = useQuery({ queryKey: ['requests'], queryFn: api.requests });
  const freezes = useQuery({ queryKey: ['freezes'], queryFn: api.freezes });
  const accesses = useQuery({
    queryKey: ['last-access'],
    queryFn: async () => await api.accesses(undefined),
  });
  return (
    <>
      <Title order={2} my="sm">
        {t('home')}
      </Title>
      <Card withBorder mb="sm">
        <Loaded query={requests}>
          {({ items }) => (
            <Anchor component={Link} href="/permissions">
              {t('waitingForYou', { count: items.length })}
            </Anchor>
          )}
        </Loaded>
        <Loaded query={freezes}>
          {({ items }) => {
            const standing = items.find(({ status }) => status === 'frozen');
            if (standing?.restricts) return <Text mt="xs">{t('restrictionOn')}</Text>;
            return (
              <Text mt="xs">
                {standing ? t('freezeOn', { date: time(standing.placed_at) }) : t('freezeOff')}
              </Text>
            );
          }}
        </Loaded>
      </Card>
      <Title order={3} size="h4" my="xs">
        {t('lastLook')}
      </Title>
      <Loaded query={accesses}>
        {({ items: [last] }) => (last ? <AccessLine line={last} /> : <Text>{t('nobodyLooked')}</Text>)}
      </Loaded>
    </>
  );
}
