import type { Self } from '@causeway/ui/staff-api.ts';
import { Button, Card, Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Dispute } from '../api.ts';
import { useWords } from '../language.tsx';
import { DisputeDesk } from '../parts/dispute-desk.tsx';
import { Loaded } from '../parts/loaded.tsx';

/** Open disputes by the time that is left (ux B5); what somebody wrote is opened one by one. */
export function Disputes({ self }: { readonly self: Self }) {
  const { t } = useWords();
  const query = useQuery({ queryKey: ['disputes'], queryFn: api.disputes });
  return (
    <>
      <Title order={2} my="sm">
        {t('disputesTitle')}
      </Title>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Text>{t('noDisputes')}</Text>
          ) : (
            <ul className="plain-list">
              {items.map((dispute) => (
                <li key={dispute.id}>
                  <DisputeCard dispute={dispute} self={self} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </>
  );
}

function DisputeCard({ dispute, self }: { readonly dispute: Dispute; readonly self: Self }) {
  const { language, t, time } = useWords();
  const [open, setOpen] = useState(false);
  const { due_at: due, handler, overdue, reason, received_at: received, record, words } = dispute;
  return (
    <Card withBorder mb="sm">
      <Group justify="space-between" gap="xs">
        <Text fw={600}>{t('disputeOf', { record, reason: t(`fix_reason_${reason}`) })}</Text>
        <Text size="sm" fw={overdue ? 700 : 400}>
          {due === null ? '' : t('due', { date: time(due) })} {overdue ? t('overdue') : ''}
        </Text>
      </Group>
      <Text size="sm">{words[language === 'en' ? 'en' : 'zh']}</Text>
      <Text size="sm">{t('receivedOn', { date: time(received) })}</Text>
      <Text size="sm">{t('handler', { who: handler ?? t('nobodyHandles') })}</Text>
      <Group mt="xs">
        <Button variant="default" size="xs" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? 'closeDispute' : 'openDispute')}
        </Button>
      </Group>
      {open ? <DisputeDesk id={dispute.id} self={self} /> : null}
    </Card>
  );
}
