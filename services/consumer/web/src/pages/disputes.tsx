import { Anchor, Title, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { actingFor } from '../acting.ts';
import { disputesApi } from '../api-disputes.ts';
import { useWords } from '../language.tsx';
import { AdverseCard } from '../parts/adverse-card.tsx';
import { DisputeCard } from '../parts/dispute-card.tsx';
import { Loaded } from '../parts/loaded.tsx';

/** What the person disputes, by when it must be answered and how it ended (ux C6); what lenders decided. */
export function Disputes() {
  const { t } = useWords();
  const disputes = useQuery({ queryKey: ['disputes'], queryFn: disputesApi.list, refetchInterval: 5000 });
  return (
    <>
      <Title order={2} my="sm">
        {t('disputesTitle')}
      </Title>
      <Text mb="sm">
        <Anchor component={Link} href="/disputes/new">
          {t('disputesNew')}
        </Anchor>
      </Text>
      <Loaded query={disputes}>
        {({ items }) =>
          items.length === 0 ? (
            <Text>{t('disputesNone')}</Text>
          ) : (
            items.map((dispute) => (
              <DisputeCard key={dispute.id} dispute={dispute} nowMs={disputes.dataUpdatedAt} />
            ))
          )
        }
      </Loaded>
      {actingFor() === undefined ? <Decisions /> : null}
    </>
  );
}

/** For nobody but the person themselves. */
function Decisions() {
  const { t } = useWords();
  const actions = useQuery({ queryKey: ['adverse-actions'], queryFn: disputesApi.adverseActions });
  return (
    <Loaded query={actions}>
      {({ items }) =>
        items.length === 0 ? null : (
          <>
            <Title order={3} size="h4" my="xs">
              {t('adverseTitle')}
            </Title>
            {items.map((action) => (
              <AdverseCard key={action.id} action={action} />
            ))}
          </>
        )
      }
    </Loaded>
  );
}
