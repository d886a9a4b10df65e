import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '../api.ts';
import { useWords } from '../language.tsx';
import { ConsentCard } from '../parts/consent-card.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Receipts } from '../parts/receipts.tsx';
import { RequestCard } from '../parts/request-card.tsx';

/** What lenders ask for, and what the person has allowed (ux C3). */
export function Permissions() {
  const { t } = useWords();
  const requests = useQuery({ queryKey: ['requests'], queryFn: api.requests, refetchInterval: 5000 });
  const consents = useQuery({ queryKey: ['consents'], queryFn: api.consents });
  return (
    <>
      <Title order={2} my="sm">
        {t('permissions')}
      </Title>
      <Title order={3} size="h4" my="xs">
        {t('requestsTitle')}
      </Title>
      <Loaded query={requests}>
        {({ items }) =>
          items.length === 0 ? (
            <Text>{t('noRequests')}</Text>
          ) : (
            items.map((request) => <RequestCard key={request.id} request={request} />)
          )
        }
      </Loaded>
      <Title order={3} size="h4" my="xs">
        {t('consentsTitle')}
      </Title>
      <Loaded query={consents}>
        {({ items }) =>
          items.length === 0 ? (
            <Text>{t('noConsents')}</Text>
          ) : (
            items.map((consent) => <ConsentCard key={consent.id} consent={consent} />)
          )
        }
      </Loaded>
      <Receipts />
    </>
  );
}
